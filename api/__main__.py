"""Start `lamplighter`, or say what to install: the handheld's toolkit comes without the server.

A bundle can be checked all the same.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the operators' command."""
    try:
        from api import cli  # noqa: PLC0415 - the import may fail, and the failure has an answer
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.partition(".")[0] in {"api", "schemas"}:
            raise
        if sys.argv[1:2] == ["verify"] and sys.argv[2:]:
            from api.custody.bundles import desk  # noqa: PLC0415 - it needs no package of the server

            desk.verify(sys.argv[2:], prog_name="lamplighter verify")
        sys.exit(
            f"The server's packages are not installed ({missing.name}). "
            'Install them with: pip install "lamplighter[server]"'
        )
    cli.main()


if __name__ == "__main__":
    main()
