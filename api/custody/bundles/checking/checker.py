"""The whole check of a bundle, from how it is packed to what was signed; a fault ends it."""

from __future__ import annotations

import dataclasses
import pathlib
from collections import Counter
from collections.abc import Collection, Mapping

from api.custody.bundles.checking import evidence, opening, operations, reading, sealing, timeline
from api.custody.bundles.checking.faults import Altered, Fault
from api.custody.bundles.checking.opening import Bundle
from api.custody.bundles.checking.operations import Standing
from schemas import bundles
from schemas.custody import Statement


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """What a whole bundle shows.

    Attributes:
        manifest: what it says that it is.
        kid: the key that sealed it.
        is_vouched: whether the reader's keys vouch for that key; False where none was given.
        moments: how many moments the timeline has.
        checkpoint: the newest signed statement about the timeline, where there is one.
        is_checkpoint_vouched: whether the reader's keys vouch for the key that signed it.
        covered: how many moments that statement vouches for.
        operations: how many operations stand how.
        files: how many files stand how.
    """

    manifest: bundles.Manifest
    kid: str
    is_vouched: bool
    moments: int
    checkpoint: Statement | None
    is_checkpoint_vouched: bool
    covered: int
    operations: Mapping[Standing, int]
    files: Mapping[str, int]


def check(path: pathlib.Path, *, keys: Collection[str] = ()) -> Report:
    """Check a bundle; needs nothing but its file.

    Args:
        path: where it lies.
        keys: thumbprints of keys that the reader has from elsewhere; without any, the bundle
            vouches only for itself.

    Raises:
        Altered: it is not what was handed over; the first thing that is not is named.
        OSError: the file cannot be read.
    """
    with opening.opened(path) as bundle:
        manifest, seal = sealing.check(bundle)
        altered = sealing.find_altered(bundle, manifest)
        if altered is not None:
            closer = _look_closer(bundle, manifest, altered)
            raise Altered(Fault.altered, path=altered, closer=closer)
        return _check_content(bundle, manifest, seal, keys)


def _check_content(
    bundle: Bundle, manifest: bundles.Manifest, seal: bundles.Seal, keys: Collection[str]
) -> Report:
    listed = reading.decoded(bundles.KEYS, bundle.read(bundles.KEYS), reading.Keys)
    vouched = sealing.vouched(keys, listed.items)
    if keys and seal.kid not in vouched:
        raise Altered(Fault.stranger, kid=seal.kid)
    _check_order(bundle, manifest)
    reached = timeline.check(bundle.read(bundles.TIMELINE), order_id=manifest.order_id)
    timeline.check_end(reached, manifest.timeline, path=bundles.MANIFEST)
    covered = _check_checkpoint(bundle, manifest, reached)
    standings = _check_operations(bundle, manifest)
    files = reading.decoded(bundles.EVIDENCE, bundle.read(bundles.EVIDENCE), list[reading.File])
    return Report(
        manifest=manifest,
        kid=seal.kid,
        is_vouched=seal.kid in vouched,
        moments=len(reached),
        checkpoint=covered.statement if covered else None,
        is_checkpoint_vouched=covered is not None and covered.statement.kid in vouched,
        covered=covered.count if covered else 0,
        operations=Counter(standings.values()),
        files=Counter(each.standing for each in files),
    )


def _check_order(bundle: Bundle, manifest: bundles.Manifest) -> None:
    order = reading.decoded(bundles.ORDER, bundle.read(bundles.ORDER), reading.Order)
    if (order.task.id, order.task.district_id) != (manifest.order_id, manifest.district_id):
        raise Altered(
            Fault.another_order,
            path=bundles.ORDER,
            found=order.task.id,
            order_id=manifest.order_id,
        )
    if order.timeline != manifest.timeline:
        raise Altered(Fault.timeline_end, path=bundles.ORDER, count=manifest.timeline.count)


def _check_checkpoint(
    bundle: Bundle, manifest: bundles.Manifest, reached: list[str]
) -> timeline.Covered | None:
    if bundles.CHECKPOINT not in bundle.paths:
        return None
    return timeline.check_checkpoint(
        bundle.read(bundles.CHECKPOINT),
        reached=reached,
        order_id=manifest.order_id,
        district_id=manifest.district_id,
    )


def _check_operations(bundle: Bundle, manifest: bundles.Manifest) -> Mapping[str, Standing]:
    """Check operations, and the files that they declare."""
    made = reading.decoded(
        bundles.OPERATIONS, bundle.read(bundles.OPERATIONS), list[reading.Operation]
    )
    listed = {each.path for each in made}
    for path in bundle.paths:
        if path.startswith(bundles.OPERATIONS_FOLDER) and path not in listed:
            raise Altered(Fault.file_not_listed, path=path)
    devices = reading.decoded(bundles.DEVICES, bundle.read(bundles.DEVICES), list[reading.Device])
    envelopes, standings = operations.check(
        made, devices, read=bundle.read, order_id=manifest.order_id
    )
    evidence.check(
        reading.decoded(bundles.EVIDENCE, bundle.read(bundles.EVIDENCE), list[reading.File]),
        entries=manifest.entries,
        operations=made,
        envelopes=envelopes,
    )
    return standings


def _look_closer(bundle: Bundle, manifest: bundles.Manifest, path: str) -> str:
    """Say which moment or operation of an altered file is not what it was, if that can be told."""
    try:
        if path == bundles.TIMELINE:
            reached = timeline.check(bundle.read(path), order_id=manifest.order_id)
            timeline.check_end(reached, manifest.timeline, path=bundles.MANIFEST)
        elif path.startswith(bundles.OPERATIONS_FOLDER):
            _check_operations(bundle, manifest)
    except Altered as closer:
        return closer.words.en
    return ""
