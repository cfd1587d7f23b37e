from __future__ import annotations

import pathlib
import subprocess
import sys

SIZES = pathlib.Path(__file__).parents[2] / ".ci" / "sizes.py"


def look_at(directory: pathlib.Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SIZES, directory], capture_output=True, text=True, check=False
    )


def test_a_function_of_41_lines_is_refused(tmp_path: pathlib.Path) -> None:
    (tmp_path / "long.py").write_text("def work():\n" + "    pass\n" * 40)
    seen = look_at(tmp_path)
    assert seen.returncode == 1
    assert "work has 41 lines" in seen.stdout


def test_a_docstring_does_not_count_towards_its_function(tmp_path: pathlib.Path) -> None:
    docstring = '    """Work.\n' + "    More.\n" * 20 + '    """\n'
    (tmp_path / "told.py").write_text("def work():\n" + docstring + "    pass\n" * 39)
    assert look_at(tmp_path).returncode == 0


def test_a_file_of_401_lines_is_refused(tmp_path: pathlib.Path) -> None:
    (tmp_path / "long.py").write_text("A = 1\n" * 401)
    seen = look_at(tmp_path)
    assert seen.returncode == 1
    assert "the file has 401 lines" in seen.stdout


def test_a_file_of_the_phone_app_ends_there_too_unless_a_program_wrote_it(
    tmp_path: pathlib.Path,
) -> None:
    long = "const a = 1;\n" * 401
    (tmp_path / "wire.ts").write_text(long)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "other.ts").write_text(long)
    (tmp_path / "order.tsx").write_text("const a = 1;\n" * 400)
    assert look_at(tmp_path).returncode == 0
    (tmp_path / "order.tsx").write_text(long)
    seen = look_at(tmp_path)
    assert seen.returncode == 1
    assert "order.tsx:1: the file has 401 lines" in seen.stdout


def test_looking_at_nothing_is_a_failure(tmp_path: pathlib.Path) -> None:
    assert look_at(tmp_path).returncode == 1
