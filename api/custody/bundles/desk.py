"""The check of a bundle at a prompt: one sentence for each thing that is shown, and that is not.

It needs neither the server's packages nor its database, so an auditor installs only the toolkit.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import click

from api.custody.bundles.checking import checker
from api.custody.bundles.checking.checker import Report
from api.custody.bundles.checking.faults import Altered
from api.custody.bundles.checking.operations import Standing
from schemas import base, custody, signatures
from schemas.bundles import FileStanding
from schemas.crews import DeviceKey

ALTERED_EXIT: Final = 1
KEY_BYTES_MAX: Final = 1_000_000
FILE: Final = click.Path(exists=True, dir_okay=False, path_type=pathlib.Path)
_THUMBPRINT: Final = re.compile(r"[A-Za-z0-9_-]{43}")
KEY_HELP: Final = (
    "A key that you have from elsewhere: its thumbprint, or a file with the server's public keys. "
    "May be given several times."
)
_OPERATIONS: Final = {
    Standing.signed: "signed by their devices' keys.",
    Standing.stated: "as the server received them; other orders' operations lie between them and "
    "what their devices signed.",
    Standing.unsigned: "as the server received them; no device has signed them.",
    Standing.let_in: "let in by the office.",
    Standing.kept_out: "kept out; they have no part in the order.",
}
_FILES: Final = {
    FileStanding.HERE: "the ones that were declared.",
    FileStanding.MISSING: "not there: they have not arrived.",
    FileStanding.WAIVED: "not there, and somebody answers for that.",
    FileStanding.ALTERED: "NOT the ones that were declared; the server's disk altered them.",
    FileStanding.LOST: "lost.",
}


@click.command()
@click.argument("bundle", type=FILE)
@click.option("--key", "keys", multiple=True, metavar="KEY", help=KEY_HELP)
def verify(bundle: pathlib.Path, keys: Sequence[str]) -> None:
    """Check an order's bundle; exit with 1 if it is not as it was handed over."""
    check(bundle, keys=keys)


def check(bundle: pathlib.Path, *, keys: Sequence[str]) -> None:
    """Check a bundle and say what was found; ends the program where something was altered."""
    vouching = {kid for each in keys for kid in _thumbprints(each)}
    try:
        report = checker.check(bundle, keys=vouching)
    except Altered as altered:
        click.echo(altered.words.en)
        click.echo(altered.words.zh)
        raise SystemExit(ALTERED_EXIT) from altered
    except OSError as error:
        raise click.ClickException(f"{bundle} cannot be read: {error}") from error
    for line in told(report):
        click.echo(line)


def told(report: Report) -> Iterator[str]:
    """Tell a whole bundle's report, a sentence a line."""
    manifest = report.manifest
    yield (
        f"Order {manifest.order_id} of district {manifest.district_id}, handed over by "
        f"{manifest.made_by} at {base.rfc3339(manifest.made_at)}."
    )
    yield f"All {len(manifest.entries)} files are as they were sealed by key {report.kid}."
    if report.is_vouched:
        yield "A key that you gave vouches for that key."
    else:
        yield "No key was given (--key), so the bundle vouches only for itself."
    yield f"The timeline's {report.moments} moments are as they were written."
    yield from _told_checkpoint(report)
    for standing, words in _OPERATIONS.items():
        if report.operations.get(standing):
            yield f"{report.operations[standing]} operations are {words}"
    for there, words in _FILES.items():
        if report.files.get(there):
            yield f"{report.files[there]} files are {words}"


def _told_checkpoint(report: Report) -> Iterator[str]:
    said = report.checkpoint
    if said is None:
        yield "No checkpoint covers the timeline; before the seal, the server alone vouches for it."
        return
    yield (
        f"Checkpoint {said.number} of {base.rfc3339(said.at)} vouches for the first "
        f"{report.covered} of them."
    )
    if report.moments > report.covered:
        later = report.moments - report.covered
        yield f"{later} later moments are in no checkpoint yet."
    if report.is_vouched and not report.is_checkpoint_vouched:
        yield f"The checkpoint is signed by key {said.kid}, which your keys do not vouch for."


def _thumbprints(given: str) -> list[str]:
    """Read a key as it was given: a thumbprint, or a file of public keys."""
    path = pathlib.Path(given)
    if not path.is_file():
        if _THUMBPRINT.fullmatch(given):
            return [given]
        message = f"{given!r} is neither a key's thumbprint (43 characters) nor a file."
        raise click.ClickException(message)
    if path.stat().st_size > KEY_BYTES_MAX:
        raise click.ClickException(f"{given} is too large for a file of keys.")
    raw = path.read_bytes()
    for read in _READERS:
        try:
            return [signatures.thumbprint(key) for key in read(raw)]
        except base.UNREADABLE:
            continue
    raise click.ClickException(f"{given} holds no public keys.")


_READERS: Final[Sequence[Callable[[bytes], list[DeviceKey]]]] = (
    lambda raw: [each.key for each in base.decode(raw, custody.PublicKeys).items],
    lambda raw: [base.decode(raw, custody.PublicKey).key],
    lambda raw: [base.decode(raw, DeviceKey)],
)
