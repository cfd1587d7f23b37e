"""Keep files and functions small enough to be read at one go.

    python .ci/sizes.py DIRECTORY...

A file ends at 400 lines and a function at 40; docstrings do not count towards a function.
Of the phone app's files only the lines are counted; what a program wrote may be as long as it is.
A migration's functions are lists of columns and may be as long as their table.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

FILE_LINES_MAX: Final = 400
FUNCTION_LINES_MAX: Final = 40
MIGRATIONS: Final = "api/migrations/versions/"
_SCRIPTS: Final = frozenset({".css", ".mjs", ".ts", ".tsx"})
_WRITTEN: Final = frozenset({"wire.ts"})
_NOT_OURS: Final = frozenset({"dist", "dist.making", "node_modules"})


def list_oversized(path: Path) -> Iterator[str]:
    """Name what is too long in one file."""
    source = path.read_text(encoding="utf-8")
    lines = source.count("\n")
    if lines > FILE_LINES_MAX:
        yield f"{path}:1: the file has {lines} lines, {FILE_LINES_MAX} is the end"
    if path.suffix in _SCRIPTS or MIGRATIONS in path.as_posix():
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = _code_lines(node)
            if length > FUNCTION_LINES_MAX:
                where = f"{path}:{node.lineno}: {node.name}"
                yield f"{where} has {length} lines, {FUNCTION_LINES_MAX} is the end"


def _code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None, "parsed from source, so it has an end"
    length = node.end_lineno - node.lineno + 1
    if ast.get_docstring(node) is None:
        return length
    docstring = node.body[0]
    assert docstring.end_lineno is not None, "parsed from source, so it has an end"
    return length - (docstring.end_lineno - docstring.lineno + 1)


def _list_files(root: str) -> Iterator[Path]:
    """List what is ours under a folder."""
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(set(inner) - _NOT_OURS)
        for name in sorted(set(names) - _WRITTEN):
            path = Path(folder, name)
            if path.suffix == ".py" or path.suffix in _SCRIPTS:
                yield path


def main(roots: list[str]) -> int:
    """Print what is too long and answer with the exit code."""
    files = [path for root in roots for path in _list_files(root)]
    assert files, "no file was looked at; name directories that hold code"
    oversized = [line for path in files for line in list_oversized(path)]
    print("\n".join(oversized) or f"{len(files)} files, none too long")
    return 1 if oversized else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
