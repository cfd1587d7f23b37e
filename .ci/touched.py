"""Name the tests of what was touched since the last push, and a few that are always worth it.

    python .ci/touched.py [FILE...]

Without files it asks git: what differs from the branch that is followed, what is not committed, and
what is new. A room's tests lie under its own name, so no list of them is kept here.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Final

ALWAYS: Final = (
    "tests/api/test_openapi.py",
    "tests/api/test_migrations.py",
    "tests/schemas",
    "tests/test_stories.py",
)
"""One look at every door, every table and every rule, and the main job from end to end."""
DOCS: Final = "tests/docs"
_SHARED: Final = frozenset({"__init__.py", "conftest.py", "makers"})


def list_tests(touched: list[str]) -> list[str]:
    """Name the files and folders of tests to run, none inside another.

    Args:
        touched: paths from the top of the repository.
    """
    named = {each for path in touched for each in _tests_of(PurePosixPath(path))}
    wanted = sorted({*named, *ALWAYS})
    return [each for each in wanted if not any(each.startswith(f"{other}/") for other in wanted)]


def _tests_of(path: PurePosixPath) -> list[str]:
    """Name the tests of one file: its own, or those of its room."""
    match path.parts:
        case ["tests", *inner]:
            return _there(path if path.name.startswith("test_") else _room(inner))
        case ["api" | "field_sync" as storey, module] if module.endswith(".py"):
            own = PurePosixPath("tests", storey, f"test_{module}")
            return _there(own) or _there(
                PurePosixPath("tests", storey) if storey != "api" else None
            )
        case ["api", room, *_]:
            return _there(PurePosixPath("tests/api", room))
        case ["bench" | "field_sync" as storey, *inner]:
            return _there(PurePosixPath("tests", "pwa" if inner[0] == "pwa" else storey))
        case _ if path.suffix == ".md" or path.name == "mkdocs.yml":
            return [DOCS]
        case _:
            return []


def _room(inner: list[str]) -> PurePosixPath | None:
    """Name the folder of what helps tests; what helps all of them belongs to none."""
    folders = [part for part in inner[:-1] if part not in _SHARED]
    return PurePosixPath("tests", *folders) if len(folders) > 1 else None


def _there(path: PurePosixPath | None) -> list[str]:
    return [str(path)] if path is not None and Path(path).exists() else []


def _touched() -> list[str]:
    """Ask git what was touched; without a branch to follow, what the last commit did counts."""
    follows = _git("rev-parse", "--abbrev-ref", "@{upstream}")
    since = follows[0] if follows else "HEAD~1"
    return [
        *_git("diff", "--name-only", "--diff-filter=d", since),
        *_git("ls-files", "--others", "--exclude-standard"),
    ]


def _git(*asked: str) -> list[str]:
    """Ask git; nothing where it has no answer, as in a copy without a history."""
    answer = subprocess.run(
        ["git", *asked],  # noqa: S607 - whichever git there is
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.split("\n")[:-1] if answer.returncode == 0 else []


if __name__ == "__main__":
    print(*list_tests(sys.argv[1:] or _touched()))
