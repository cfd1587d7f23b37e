"""The darkroom: what opens, opens upright and bare; what harms is killed, and nothing else is."""

from __future__ import annotations

import contextlib
import io
import os
import pathlib
import textwrap
import time

import pytest
from PIL import Image

from api.photos import darkroom
from schemas.photos import Why
from schemas.rules import likeness, sniffing
from schemas.rules.sniffing import Kind
from tests.makers import photos as make

MB = 1024 * 1024


def develop(
    content: bytes,
    *,
    kind: Kind | None = None,
    bounds: darkroom.Bounds = darkroom.Bounds(),  # noqa: B008 - frozen
    program: pathlib.Path | None = None,
) -> darkroom.Developed:
    found = kind or sniffing.sniff(content[: sniffing.HEAD_BYTES])
    stream = io.BytesIO(content)
    if program is None:
        return darkroom.develop(stream, kind=found, bounds=bounds)
    return darkroom.develop(stream, kind=found, bounds=bounds, program=program)


@pytest.fixture
def child(tmp_path: pathlib.Path) -> pathlib.Path:
    """Give the file of another program to run in the worker's place."""
    return tmp_path / "child.py"


def written(child: pathlib.Path, text: str) -> pathlib.Path:
    child.write_text(textwrap.dedent(text))
    return child


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_each_format_that_is_opened_gives_a_thumbnail_and_a_copy(form: str) -> None:
    developed = develop(make.encoded(make.scene(size=(2_000, 1_500)), form))
    assert (developed.why, developed.width_px, developed.height_px) == (None, 2_000, 1_500)
    assert make.opened(developed.thumbnail).size == (320, 240)
    assert make.opened(developed.copy).size == (1_600, 1_200)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16", "CMYK"])
def test_pictures_of_every_kind_of_colour_open(mode: str) -> None:
    image = make.scene().convert("L") if mode == "I;16" else make.scene()
    image = image.convert("I;16") if mode == "I;16" else image.convert(mode)
    developed = develop(make.encoded(image, "JPEG" if mode == "CMYK" else "PNG"))
    assert developed.why is None, developed.detail
    assert make.opened(developed.copy).mode == "RGB"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_whichever_way_the_camera_was_held(orientation: int) -> None:
    upright = make.scene()
    stored = make.turned(upright, orientation)
    developed = develop(make.encoded(stored, exif=make.exif(orientation=orientation)))
    assert (developed.width_px, developed.height_px) == stored.size
    assert developed.orientation == orientation
    assert make.opened(developed.copy).size == upright.size
    assert like(make.opened(developed.copy), upright)


def test_a_heic_that_its_decoder_turned_is_not_turned_again() -> None:
    content = make.encoded(make.scene(), "HEIF", exif=make.exif(orientation=6))
    developed = develop(content)
    assert developed.orientation is None
    assert make.opened(developed.copy).size == make.opened(content).size
    assert like(make.opened(developed.copy), make.opened(content))


def test_what_is_shown_says_nothing_of_where_and_by_whom_it_was_taken() -> None:
    content = make.encoded(
        exif=make.exif(), comment=b"to my love", xmp=b"<x:xmpmeta/>", icc_profile=b"\0" * 128
    )
    assert b"to my love" in content
    developed = develop(content)
    for shown in (developed.thumbnail, developed.copy):
        image = make.opened(shown)
        assert dict(image.getexif()) == {}
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert b"Lantern" not in shown
        assert b"to my love" not in shown


def test_the_camera_s_words_are_read_each_apart() -> None:
    claims = develop(make.encoded(exif=make.exif(position=(-33.5, -70.25)))).claims
    assert (claims.make, claims.model) == ("Lantern", "L-1")
    assert claims.camera_local == "2026-11-23T07:58:30"
    assert claims.camera_offset_s == 28_800
    assert claims.satellite_at is not None
    assert claims.satellite_at.isoformat() == "2026-11-22T23:58:28+00:00"
    assert (claims.lat_deg, claims.lon_deg) == (-33.5, -70.25)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "HEIF"])
def test_every_format_s_exif_is_read(form: str) -> None:
    claims = develop(make.encoded(make.scene(), form, exif=make.exif())).claims
    assert claims.camera_local == "2026-11-23T07:58:30"
    assert claims.lat_deg == 20.04


@pytest.mark.parametrize(
    "written",
    [
        make.exif(taken="0000:00:00 00:00:00", offset="+99:00", position=None, satellite=None),
        make.exif(taken="yesterday", offset="", position=(200.0, 0.0), satellite=None),
        make.exif(taken="2026:02:30 12:00:00", position=None, satellite=("2026:13:01", (1, 2, 3))),
        make.exif(taken=None, position=None, satellite=("2026:11:22", (30.0, 0.0, 0.0))),
    ],
)
def test_what_makes_no_sense_is_not_claimed(written: Image.Exif) -> None:
    claims = develop(make.encoded(exif=written)).claims
    assert claims.make == "Lantern"
    assert (claims.camera_local, claims.satellite_at, claims.lat_deg) == (None, None, None)


def test_broken_exif_does_not_keep_a_picture_shut() -> None:
    content = make.encoded(exif=make.exif())
    at = content.index(b"Exif\0\0") + 6
    developed = develop(content[:at] + b"MM\0*\xff\xff\xff\xff" + content[at + 8 :])
    assert developed.why is None
    assert developed.claims.make is None


@pytest.mark.slow
def test_a_png_of_half_a_megabyte_that_opens_into_169_megapixels_is_not_opened() -> None:
    bomb = make.png_bomb()
    assert len(bomb) < 1 * MB
    developed = develop(bomb)
    assert developed.why is Why.TOO_MANY_PIXELS
    assert (developed.thumbnail, developed.copy, developed.marks) == (b"", b"", ())


@pytest.mark.parametrize(("width_px", "height_px"), [(2**31 - 1, 2**31 - 1), (65_535, 1)])
def test_absurd_dimensions_in_a_header_are_believed_and_refused(
    width_px: int, height_px: int
) -> None:
    developed = develop(make.png(width_px, height_px, b""))
    assert developed.why in {Why.TOO_MANY_PIXELS, Why.DAMAGED}
    assert developed.copy == b""


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_cut_picture_is_damaged(form: str) -> None:
    content = make.encoded(form=form)
    developed = develop(content[: len(content) * 2 // 3])
    assert developed.why is Why.DAMAGED
    assert developed.thumbnail == b""


def test_a_cut_picture_still_says_what_its_head_says() -> None:
    content = make.encoded(exif=make.exif())
    developed = develop(content[: len(content) * 2 // 3])
    assert developed.why is Why.DAMAGED
    assert developed.claims.make == "Lantern"
    assert developed.width_px == 640


def test_nothing_of_a_polyglot_but_its_picture_is_shown() -> None:
    content = make.polyglot()
    assert b"PK\x03\x04" in content
    developed = develop(content)
    assert developed.why is None
    for shown in (developed.thumbnail, developed.copy):
        assert b"PK\x03\x04" not in shown
        assert b"php" not in shown


def test_of_an_animation_the_first_picture_is_shown() -> None:
    first, second = make.scene(1), make.scene(2)
    content = make.encoded(first, "WEBP", save_all=True, append_images=[second], duration=40)
    developed = develop(content)
    assert developed.why is None
    assert like(make.opened(developed.copy), first)


def test_a_file_that_is_not_what_its_first_bytes_say_is_damaged() -> None:
    assert develop(b"\xff\xd8\xff" + os.urandom(5_000)).why is Why.DAMAGED
    assert develop(make.encoded(form="PNG"), kind=Kind.jpeg).why is Why.DAMAGED


def test_an_avif_that_calls_itself_heic_is_not_opened() -> None:
    try:
        content = make.encoded(form="AVIF")
    except (KeyError, OSError):
        pytest.fail("this Pillow writes no AVIF, so the trap cannot be set")
    lying = content.replace(b"ftypavif", b"ftypheic", 1).replace(b"avif", b"heic")
    assert sniffing.sniff(lying[:4_096]) is Kind.heif
    developed = develop(lying)
    assert developed.why is Why.DAMAGED


def test_a_picture_that_needs_more_memory_than_there_is_ends_only_itself() -> None:
    content = make.encoded(make.scene(size=(6_000, 5_000)), "PNG")
    tight = darkroom.Bounds(memory_bytes=160 * MB)
    assert develop(content, bounds=tight).why in {Why.TOO_MUCH_MEMORY, Why.DAMAGED}
    assert develop(content).why is None


def test_a_child_that_eats_memory_is_stopped_by_the_system(child: pathlib.Path) -> None:
    hungry = written(
        child,
        """
        import resource, sys
        memory = int(sys.argv[4])
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        bytearray(4 * memory)
        """,
    )
    developed = develop(
        make.encoded(), bounds=darkroom.Bounds(memory_bytes=200 * MB), program=hungry
    )
    assert developed.why is Why.CRASHED


def test_a_child_that_hangs_is_killed_with_all_that_it_started(
    child: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    pids = tmp_path / "pids"
    hung = written(
        child,
        f"""
        import os, signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        open({str(pids)!r}, "w").write(f"{{os.getpid()}} {{other.pid}}")
        time.sleep(60)
        """,
    )
    began = time.monotonic()
    developed = develop(make.encoded(), bounds=darkroom.Bounds(wall_s=2), program=hung)
    assert developed.why is Why.TOOK_TOO_LONG
    assert time.monotonic() - began < 20
    for pid in map(int, pids.read_text().split()):
        assert is_gone(pid)


def test_a_child_that_computes_for_ever_is_stopped() -> None:
    bounds = darkroom.Bounds(cpu_s=1, wall_s=20)
    endless = pathlib.Path(__file__).with_name("endless.py")
    assert develop(make.encoded(), bounds=bounds, program=endless).why is Why.TOOK_TOO_LONG


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "not json",
        '{"claims": {}, "thumbnail_bytes": 0, "copy_bytes": 0}',
        '{"claims": {"lat_deg": "x"}, "thumbnail_bytes": 0, "copy_bytes": 0}',
        '{"claims": {}, "thumbnail_bytes": -1, "copy_bytes": 0}',
        '{"claims": {}, "thumbnail_bytes": 0, "copy_bytes": 99999999999}',
    ],
)
def test_a_child_s_odd_answer_is_no_picture(child: pathlib.Path, answer: str) -> None:
    odd = written(child, f"print({answer!r})")
    assert develop(make.encoded(), program=odd).why is Why.CRASHED


def test_a_child_that_dies_is_told_apart(child: pathlib.Path) -> None:
    dying = written(child, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert develop(make.encoded(), program=dying).why is Why.CRASHED


def test_a_child_knows_no_secret(child: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMPLIGHTER_DATABASE_URL", "postgresql://secret")
    nosy = written(
        child,
        """
        import os, sys
        sys.exit(7 if "secret" in str(os.environ) else 9)
        """,
    )
    assert develop(make.encoded(), program=nosy).detail == "ended with 9"


def like(left: Image.Image, right: Image.Image) -> bool:
    """Tell whether two pictures stand the same way."""
    return likeness.distance([mark_of(left)], mark_of(right)).is_near


def mark_of(image: Image.Image) -> likeness.Mark:
    grey = image.convert("L")

    def grid(columns: int, rows: int) -> list[list[int]]:
        levels = list(grey.resize((columns, rows), Image.Resampling.LANCZOS).tobytes())
        return [levels[at : at + columns] for at in range(0, len(levels), columns)]

    return likeness.marks(wide=grid(9, 8), tall=grid(8, 9), square=grid(32, 32))[0]


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended, as soon as it has."""
    for _ in range(100):
        try:
            state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 9)
    return False
