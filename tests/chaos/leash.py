"""Keep a command on a leash: it and all that it starts end when whoever holds our input ends.

    python leash.py COMMAND [ARGUMENT ...]

We answer with the command's process id, which nobody else gets while we live.
The command leads a process group of its own; the end of our input kills that group.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys


def hold(command: list[str]) -> None:
    """Start a command and hold it until our input ends."""
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,  # our output is for its number alone
        start_new_session=True,
    )
    print(child.pid, flush=True)  # noqa: T201 - the holder reads it
    sys.stdin.read()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


if __name__ == "__main__":
    hold(sys.argv[1:])
