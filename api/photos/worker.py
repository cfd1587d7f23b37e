"""The child that opens one picture: named formats only, hard bounds, and nothing of ours imported.

    python -I worker.py FORMAT CPU_S WALL_S MEMORY_BYTES OUTPUT_BYTES <picture >answer

The answer is one line of JSON, then the thumbnail's bytes, then the copy's.
Whatever a picture does to its decoder happens in here; the parent believes nothing but what it
checks (see `darkroom`).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import math
import os
import pathlib
import re
import resource
import signal
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

PIXELS_MAX: Final = 80_000_000
SIDE_PX_MAX: Final = 30_000
THUMBNAIL_PX: Final = 320
COPY_PX: Final = 1_600
TEXT_CHARS_MAX: Final = 100
_QUALITY: Final = 82
_GRIDS: Final = {"wide": (9, 8), "tall": (8, 9), "square": (32, 32)}
_FILES_OPEN_MAX: Final = 64
_NICE: Final = 10
"""Phones come first."""
_EXIF, _GPS = 0x8769, 0x8825
_MAKE, _MODEL, _ORIENTATION, _SOFTWARE = 0x010F, 0x0110, 0x0112, 0x0131
_TAKEN, _TAKEN_OFFSET = 0x9003, 0x9011
_LAT_REF, _LAT, _LON_REF, _LON, _GPS_TIME, _GPS_DATE, _GPS_ERROR = 1, 2, 3, 4, 7, 29, 31
_WHEN: Final = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_DAY: Final = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)")
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)")


def bind(cpu_s: int, wall_s: int, memory_bytes: int, output_bytes: int) -> None:
    """Set the bounds that the system itself keeps, before anything of the picture is read."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output_bytes, output_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES_OPEN_MAX, _FILES_OPEN_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(wall_s)
    os.nice(_NICE)
    with contextlib.suppress(OSError):  # where the system has no such file, it has no such killer
        pathlib.Path("/proc/self/oom_score_adj").write_text("1000")


def develop(stream: io.BytesIO, form: str) -> tuple[dict[str, Any], bytes, bytes]:
    """Open a picture; give what it says, its thumbnail and its copy."""
    from PIL import Image, ImageFile  # noqa: PLC0415 - only once the bounds hold

    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    if form == "HEIF":
        _know_heif()
    said: dict[str, Any] = {"claims": {}}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(stream, formats=[form])
        said |= {"width_px": image.width, "height_px": image.height}
        if image.width * image.height > PIXELS_MAX or max(image.size) > SIDE_PX_MAX:
            return said | {"why": "too_many_pixels"}, b"", b""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exif = image.getexif()
            said["claims"] = _claims(exif)
        # A HEIC's decoder has turned it already.
        orientation = None if form == "HEIF" else exif.get(_ORIENTATION)
        said["orientation"] = orientation if orientation in range(1, 9) else None
        copy = _upright(_shrunk(image), said["orientation"] or 1)
        said["grids"] = {
            name: list(copy.convert("L").resize(size, Image.Resampling.LANCZOS).tobytes())
            for name, size in _GRIDS.items()
        }
        thumbnail = copy.copy()
        thumbnail.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS)
        return said, _encoded(thumbnail), _encoded(copy)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return said | {"why": "too_many_pixels"}, b"", b""
    except MemoryError:
        return said | {"why": "too_much_memory"}, b"", b""
    except Exception as error:  # noqa: BLE001 - a decoder raises whatever it likes; all is damage
        kind = type(error).__name__
        return said | {"why": "damaged", "detail": f"{kind}: {error}"[:200]}, b"", b""


def _know_heif() -> None:
    import pillow_heif  # noqa: PLC0415 - half the start-up, and few pictures need it

    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.options.THUMBNAILS = False
    pillow_heif.options.AUX_IMAGES = False
    pillow_heif.options.DEPTH_IMAGES = False
    pillow_heif.register_heif_opener()


def _shrunk(image: Any) -> Any:  # noqa: ANN401 - Pillow is imported once the bounds hold
    """Make a picture small, reading no more of it than that needs, on white and in plain RGB."""
    from PIL import Image  # noqa: PLC0415 - only once the bounds hold

    image.draft("RGB", (COPY_PX, COPY_PX))
    image.load()
    factor = max(image.size) // (2 * COPY_PX)
    if image.mode in {"1", "P", "PA"}:
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode.startswith("I"):
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    if factor > 1:
        image = image.reduce(factor)
    image.thumbnail((COPY_PX, COPY_PX), Image.Resampling.LANCZOS, reducing_gap=None)
    plain = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        plain.paste(image, mask=image.getchannel("A"))
    else:
        plain.paste(image.convert("RGB"))
    return plain


def _upright(image: Any, orientation: int) -> Any:  # noqa: ANN401 - as above
    from PIL import Image  # noqa: PLC0415 - only once the bounds hold

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    return image.transpose(turns[orientation]) if orientation in turns else image


def _encoded(image: Any) -> bytes:  # noqa: ANN401 - as above
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def _claims(exif: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Read what the camera wrote; what cannot be read is not claimed."""
    taken = _tags(exif, _EXIF)
    gps = _tags(exif, _GPS)
    found: dict[str, Callable[[], Any]] = {
        "make": lambda: _text(exif.get(_MAKE)),
        "model": lambda: _text(exif.get(_MODEL)),
        "software": lambda: _text(exif.get(_SOFTWARE)),
        "camera_local": lambda: _when(taken.get(_TAKEN)),
        "camera_offset_s": lambda: _offset_s(taken.get(_TAKEN_OFFSET)),
        "satellite_at": lambda: _satellite_at(gps),
        "lat_deg": lambda: _degrees(gps.get(_LAT), gps.get(_LAT_REF), "N", "S", 90),
        "lon_deg": lambda: _degrees(gps.get(_LON), gps.get(_LON_REF), "E", "W", 180),
        "accuracy_m": lambda: _number(gps.get(_GPS_ERROR), 0, 1e7),
    }
    claims: dict[str, Any] = {}
    for name, read in found.items():
        with contextlib.suppress(Exception):
            claims[name] = read()
    return {name: value for name, value in claims.items() if value is not None}


def _tags(exif: Any, directory: int) -> Mapping[int, Any]:  # noqa: ANN401 - as above
    try:
        tags: Mapping[int, Any] = exif.get_ifd(directory)
    except Exception:  # noqa: BLE001 - a directory that cannot be read claims nothing
        return {}
    return tags


def _text(raw: Any) -> str | None:  # noqa: ANN401 - a tag holds whatever was written
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw or "")
    text = "".join(letter for letter in text if letter.isprintable()).strip()
    return text[:TEXT_CHARS_MAX] or None


def _when(raw: Any) -> str | None:  # noqa: ANN401 - as above
    match = _WHEN.match(_text(raw) or "")
    return dt.datetime(*map(int, match.groups())).isoformat() if match else None  # type: ignore[arg-type]  # noqa: DTZ001 - a camera's wall clock has no zone


def _offset_s(raw: Any) -> int | None:  # noqa: ANN401 - as above
    match = _OFFSET.fullmatch(_text(raw) or "")
    if match is None:
        return None
    seconds = int(match[2]) * 3_600 + int(match[3]) * 60
    seconds = seconds if match[1] == "+" else -seconds
    return seconds if abs(seconds) <= 14 * 3_600 else None


def _satellite_at(gps: Mapping[int, Any]) -> str | None:
    match = _DAY.match(_text(gps.get(_GPS_DATE)) or "")
    if match is None:
        return None
    hour, minute, second = (float(part) for part in gps[_GPS_TIME])
    day = dt.datetime(*map(int, match.groups()), tzinfo=dt.UTC)  # type: ignore[misc, arg-type]  # three numbers
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 61):  # noqa: PLR2004 - a day's own
        return None
    at = day + dt.timedelta(hours=hour, minutes=minute, seconds=second)
    return at.isoformat(timespec="seconds")


def _degrees(raw: Any, ref: Any, positive: str, negative: str, most: float) -> float | None:  # noqa: ANN401 - as above
    side = (_text(ref) or "")[:1].upper()
    if raw is None or side not in {positive, negative}:
        return None
    degrees, minutes, seconds = (float(part) for part in raw)
    value = _number(degrees + minutes / 60 + seconds / 3_600, 0, most)
    return -value if value is not None and side == negative else value


def _number(raw: Any, least: float, most: float) -> float | None:  # noqa: ANN401 - as above
    if raw is None:
        return None
    value = float(raw)
    return value if math.isfinite(value) and least <= value <= most else None


def main() -> None:
    """Do one picture."""
    form, *bounds = sys.argv[1:]
    bind(*map(int, bounds))
    said, thumbnail, copy = develop(io.BytesIO(sys.stdin.buffer.read()), form)
    said |= {"thumbnail_bytes": len(thumbnail), "copy_bytes": len(copy)}
    out = sys.stdout.buffer
    out.write(json.dumps(said).encode() + b"\n" + thumbnail + copy)
    out.flush()


if __name__ == "__main__":
    main()
