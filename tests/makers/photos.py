"""Photos for tests: scenes that differ, EXIF as cameras write it, and files that mean harm."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import random
import struct
import zipfile
import zlib
from typing import Any, Final

import pillow_heif
from PIL import Image

from api import acts, db, ids
from api.evidence import arrivals, depot, service, uploads
from api.photos import jobs
from api.settings import Settings
from api.tasks import service as tasks_service
from schemas import evidence, places
from tests.makers import tasks

pillow_heif.register_heif_opener()
TAKEN: Final = "2026:11:23 07:58:30"
"""90 s before the tests' clock, on a wall clock in Haikou."""
_EXIF, _GPS = 0x8769, 0x8825


def scene(seed: int = 1, *, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Make a scene of soft shapes; another seed is another scene."""
    coarse = Image.frombytes("RGB", (12, 9), random.Random(seed).randbytes(12 * 9 * 3))
    return coarse.resize(size, Image.Resampling.BICUBIC)


def exif(
    *,
    orientation: int | None = None,
    taken: str | None = TAKEN,
    offset: str | None = "+08:00",
    position: tuple[float, float] | None = (20.04, 110.32),
    satellite: tuple[str, tuple[float, float, float]] | None = ("2026:11:22", (23.0, 58.0, 28.0)),
    more: dict[int, Any] | None = None,
) -> Image.Exif:
    """Write what a camera says."""
    written = Image.Exif()
    written[0x010F], written[0x0110] = "Lantern", "L-1"
    if orientation is not None:
        written[0x0112] = orientation
    known = {0x9003: taken, 0x9011: offset}
    written.get_ifd(_EXIF).update({tag: value for tag, value in known.items() if value})
    gps: dict[int, Any] = {}
    if position is not None:
        lat_deg, lon_deg = position
        gps |= {1: "N" if lat_deg >= 0 else "S", 2: (abs(lat_deg), 0.0, 0.0)}
        gps |= {3: "E" if lon_deg >= 0 else "W", 4: (abs(lon_deg), 0.0, 0.0)}
    if satellite is not None:
        gps |= {29: satellite[0], 7: satellite[1]}
    written.get_ifd(_GPS).update(gps)
    written.update(more or {})
    return written


def encoded(
    image: Image.Image | None = None,
    form: str = "JPEG",
    *,
    exif: Image.Exif | None = None,
    quality: int = 90,
    **options: Any,  # noqa: ANN401 - whatever a format's writer takes
) -> bytes:
    """Encode a picture."""
    out = io.BytesIO()
    if exif is not None:
        options["exif"] = exif
    if form == "HEIF":
        options["enc_params"] = {"preset": "ultrafast"}
    (image or scene()).save(out, form, quality=quality, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    """Open what came out."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """Store a picture the way a camera does that wants it turned by `orientation`."""
    back = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    return image if back is None else image.transpose(back)


def png_bomb(side_px: int = 13_000) -> bytes:
    """Make a small PNG that opens into `side_px` by `side_px` pixels."""
    row = b"\0" + bytes(3 * side_px)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(side_px)) + packer.flush()
    return png(side_px, side_px, packed)


def png(width_px: int, height_px: int, packed: bytes) -> bytes:
    """Put a PNG together, whatever its header claims."""
    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", packed), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + body


def polyglot() -> bytes:
    """Make a JPEG that is a ZIP too."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as inside:
        inside.writestr("evil.php", "<?php system($_GET[0]); ?>")
    return encoded() + archive.getvalue()


def avif() -> bytes:
    """Make an AVIF, if this Pillow can; its first bytes are what matters."""
    return struct.pack(">I", 28) + b"ftypavif\0\0\0\0avifmif1miaf" + b"\0" * 200


def bring(
    database: db.Database,
    settings: Settings,
    content: bytes,
    *,
    task_id: str = "t1",
    stop_id: str | None = None,
    kind: evidence.EvidenceKind = evidence.EvidenceKind.METER,
    media_type: str = "image/jpeg",
    fix: places.Fix | None = None,
    at: dt.datetime = tasks.NOW,
) -> str:
    """Declare a file and bring its bytes, as a phone does; give its id."""
    act = tasks.of_crew(at=at, operation_id=ids.new_id())
    sha256 = hashlib.sha256(content).hexdigest()
    body = evidence.Declared(
        sha256=sha256,
        size_bytes=len(content),
        media_type=media_type,
        kind=kind,
        stop_id=stop_id,
        fix=fix,
    )
    with database.unit_of_work() as session:
        if tasks_service.load(session, district_id=tasks.DISTRICT, ids=[task_id]) == []:
            tasks.task(session, task_id=task_id)
        service.declare(session, act=act, subject_id=task_id, body=body)
    with database.unit_of_work() as session:
        upload = uploads.open_upload(session, act=act, sha256=sha256, size_bytes=len(content))
        part = depot.Part(tasks.DISTRICT, upload.id, sha256, len(content))
        files = depot.opened(settings)
        if upload.arrived_at is None:
            files.receive(part, offset_bytes=0, chunks=[content])
            files.seal(part)
            arrivals.arrive(session, act=act, upload=upload)
    assert act.operation_id is not None
    return act.operation_id


def examine(
    database: db.Database, settings: Settings, *, now: dt.datetime = tasks.NOW
) -> dict[str, int]:
    """Run the job as of an instant."""
    act = acts.system(district_id=tasks.DISTRICT, now=now, job="examine_photos")
    seen = jobs.Examine(database, act=act, settings=settings)
    with database.unit_of_work() as session:
        return seen(session, act=act, settings=settings)
