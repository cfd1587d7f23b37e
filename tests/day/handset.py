"""The conductor's end of a phone's process: started, told, heard, and killed now and then."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import IO, Final

import msgspec

from tests.day import messages

STOP_S: Final = 10.0


class PhoneFailedError(Exception):
    """A phone's process ended though nobody told it to; its own words are above."""

    def __init__(self, login: str) -> None:
        """Name whose phone it was."""
        super().__init__(f"the phone of {login} ended by itself")


class Handset:
    """A phone in a process of its own.

    Attributes:
        duty: who carries it.
        device_id: its id, once it is enrolled.
    """

    def __init__(self, duty: messages.Duty) -> None:
        """Keep the duty; nothing runs yet."""
        self.duty = duty
        self.device_id = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and hand it the duty; its answer is heard by `hear_acted`."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.day.phone"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the conductor; the phone waits for its pipe
        )
        self.tell(self.duty)

    def tell(self, command: messages.Command) -> None:
        """Say what to do; the phone does it while others are told."""
        pipe = self._pipe(self._running().stdin)
        try:
            pipe.write(messages.ENCODER.encode(command) + b"\n")
            pipe.flush()
        except BrokenPipeError as error:
            raise PhoneFailedError(self.duty.login) from error

    def hear_acted(self) -> messages.Acted:
        """Wait until it is done."""
        answer = self._hear()
        assert isinstance(answer, messages.Acted)
        self.device_id = answer.device_id
        return answer

    def hear_account(self) -> messages.Account:
        """Wait for its account."""
        answer = self._hear()
        assert isinstance(answer, messages.Account)
        return answer

    def strike(self) -> None:
        """Let the battery die while another thread speaks with the phone; that one buries it."""
        process = self._process
        if process is not None:
            process.kill()

    def die(self) -> int:
        """Let the battery die: no goodbye, nothing flushed; give how the process ended."""
        process = self._running()
        process.kill()
        ended = process.wait()
        self._let_go(process)
        return ended

    def revive(self) -> None:
        """Boot again on the same store."""
        self.duty = msgspec.structs.replace(self.duty, life=self.duty.life + 1)
        self.start()

    def stop(self) -> None:
        """Hang up, and wait for the process to end."""
        if self._process is None:
            return
        process = self._process
        self._let_go(process)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _let_go(self, process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(BrokenPipeError):  # what it never read is lost with it
            self._pipe(process.stdin).close()
        self._pipe(process.stdout).close()
        self._process = None

    def _hear(self) -> messages.Answer:
        line = self._pipe(self._running().stdout).readline()
        if not line:
            raise PhoneFailedError(self.duty.login)
        answer: messages.Answer = messages.ANSWERS.decode(line)
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "it was started"
        return self._process

    def _pipe(self, end: IO[bytes] | None) -> IO[bytes]:
        assert end is not None, "it was started with pipes"
        return end
