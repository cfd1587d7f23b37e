"""The files: each is the one that an operation declared, or is said to be missing, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from api.custody.bundles.checking import reading
from api.custody.bundles.checking.faults import Altered, Fault
from api.custody.bundles.checking.operations import Envelopes
from schemas import base, bundles
from schemas.bundles import FileStanding


def check(
    files: Sequence[reading.File],
    *,
    entries: Iterable[bundles.Entry],
    operations: Sequence[reading.Operation],
    envelopes: Envelopes,
) -> None:
    """Check every file against the operation that declared it.

    Args:
        files: as `evidence.json` lists them.
        entries: as the manifest lists what lies in the bundle, with the true hashes.
        operations: as `operations.json` lists them.
        envelopes: what the operations say, by their file's path.

    Raises:
        Altered: a file is not the one that was declared, or nothing tells of it.
    """
    declared = {each.operation_id: envelopes[each.path] for each in operations}
    lying = {
        each.path: each.sha256 for each in entries if each.path.startswith(bundles.EVIDENCE_FOLDER)
    }
    for file in files:
        _check_declared(file, declared.get(file.file.id))
        if file.path is not None or file.standing == FileStanding.HERE:
            _check_lying(file, lying)
    listed = {file.path for file in files}
    for path in lying:
        if path not in listed:
            raise Altered(Fault.file_not_listed, path=path)


def _check_declared(file: reading.File, envelope: reading.Envelope | None) -> None:
    """Hold what is said of a file against its declaration; one made at a desk has none."""
    if envelope is None:
        return
    try:
        said = msgspec.json.decode(envelope.body, type=reading.Declaration)
    except base.UNREADABLE as error:
        raise Altered(Fault.file_not_declared, file_id=file.file.id) from error
    listed = file.file
    if (said.sha256, said.size_bytes, said.original) != (
        listed.sha256,
        listed.size_bytes,
        listed.original,
    ):
        raise Altered(Fault.file_not_declared, file_id=file.file.id)


def _check_lying(file: reading.File, lying: Mapping[str, str]) -> None:
    found = lying.get(file.path or "")
    if found is None:
        raise Altered(
            Fault.missing, path=file.path or f"{bundles.EVIDENCE_FOLDER}{file.file.sha256}"
        )
    is_well = file.standing == FileStanding.HERE
    if is_well and found != file.file.sha256:
        raise Altered(Fault.file_altered, path=file.path or "", sha256=file.file.sha256)
