"""The manifest and its seal: what belongs to the bundle, and which key says so."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from typing import Final

import msgspec

from api.custody.bundles.checking import reading
from api.custody.bundles.checking.faults import Altered, Fault
from api.custody.bundles.checking.opening import Bundle
from schemas import bundles, custody, signatures
from schemas.custody import PublicKey

_OUTSIDE: Final = frozenset({bundles.MANIFEST, bundles.SEAL})


class _Format(msgspec.Struct, frozen=True):
    """As much of a manifest as tells whether we know the rest."""

    format: int


def check(bundle: Bundle) -> tuple[bundles.Manifest, bundles.Seal]:
    """Read the manifest that the seal signs; it names every file, and no other is there.

    Raises:
        Altered: it does not.
    """
    raw = bundle.read(bundles.MANIFEST)
    seal = reading.decoded(bundles.SEAL, bundle.read(bundles.SEAL), bundles.Seal)
    signed = bundles.statement(hashlib.sha256(raw).hexdigest())
    holds = signatures.has_signed(seal.key, statement=signed, signature=seal.signature)
    if not holds or signatures.thumbprint(seal.key) != seal.kid:
        raise Altered(Fault.seal)
    said = reading.decoded(bundles.MANIFEST, raw, _Format).format
    if said != bundles.FORMAT:
        raise Altered(Fault.newer, format=said, known=bundles.FORMAT)
    manifest = reading.decoded(bundles.MANIFEST, raw, bundles.Manifest)
    _check_names(bundle, [each.path for each in manifest.entries])
    return manifest, seal


def find_altered(bundle: Bundle, manifest: bundles.Manifest) -> str | None:
    """Find the first file that is not the one that the manifest names.

    Raises:
        Altered: one is damaged.
    """
    for each in manifest.entries:
        if bundle.size_bytes(each.path) != each.size_bytes:
            return each.path
        if bundle.sha256(each.path) != each.sha256:
            return each.path
    return None


def vouched(given: Collection[str], listed: Iterable[PublicKey]) -> set[str]:
    """Tell which keys are vouched for: those that were given, and whom these named after them.

    Args:
        given: thumbprints that the reader has from elsewhere.
        listed: the server's keys, the first one first.
    """
    found = set(given)
    by_kid = {each.kid: each for each in listed}
    for each in by_kid.values():
        follows = by_kid.get(each.follows or "")
        if follows is None or each.named_by is None or follows.kid not in found:
            continue
        named = custody.succession(kid=follows.kid, successor=each.kid)
        is_named = signatures.has_signed(follows.key, statement=named, signature=each.named_by)
        own_names = all(signatures.thumbprint(key.key) == key.kid for key in (follows, each))
        if is_named and own_names:
            found.add(each.kid)
    return found


def _check_names(bundle: Bundle, named: list[str]) -> None:
    there = set(bundle.paths) - _OUTSIDE
    known = set(named)
    for path in bundle.paths:
        if path in there and path not in known:
            raise Altered(Fault.extra, path=path)
    for path in named:
        if path not in there:
            raise Altered(Fault.missing, path=path)
    if len(known) != len(named):
        raise Altered(Fault.unreadable, path=bundles.MANIFEST, why="it names a file twice")
