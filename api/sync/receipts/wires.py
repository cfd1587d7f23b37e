"""The bytes of an operation, wherever they lie: in its receipt's row, or in a pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from api.sync.models import Receipt
from api.sync.receipts import packs, store


class WireLostError(Exception):
    """A receipt's bytes lie nowhere; `lamplighter verify` names every device with such a one."""


class Wires:
    """Finds the operations of a district's devices; the pack that was read last is kept open."""

    def __init__(self, session: Session, *, district_id: str) -> None:
        """Open nothing yet.

        Args:
            session: a unit of work.
            district_id: the devices' district.
        """
        self._session = session
        self._district_id = district_id
        self._device_id = ""
        self._span = range(0)
        self._open: Mapping[int, bytes] = {}

    def find(self, *, device_id: str, n: int, own: bytes) -> bytes | None:
        """Find an operation's bytes.

        Args:
            device_id: whose operation it is.
            n: its number.
            own: what of its bytes lies in the row of its receipt; empty when they are packed.
        """
        if own:
            return own
        if device_id != self._device_id or n not in self._span:
            self._open_pack(device_id, n)
        return self._open.get(n)

    def _open_pack(self, device_id: str, n: int) -> None:
        pack = store.find_pack(
            self._session, district_id=self._district_id, device_id=device_id, n=n
        )
        self._device_id = device_id
        self._span = range(pack.first_n, pack.last_n + 1) if pack else range(0)
        self._open = packs.unpack(pack.frame) if pack else {}


def get(session: Session, receipt: Receipt) -> bytes:
    """Get the bytes of a receipt's operation.

    Raises:
        WireLostError: somebody took them away.
    """
    (wire,) = list_of(session, [receipt])
    return wire


def list_of(session: Session, receipts: Sequence[Receipt]) -> list[bytes]:
    """List the bytes of receipts' operations, all of one district, in the receipts' order.

    Raises:
        WireLostError: somebody took some of them away.
    """
    if not receipts:
        return []
    wires = Wires(session, district_id=receipts[0].district_id)
    found: dict[tuple[str, int], bytes] = {}
    for device_id, n, own in sorted((each.device_id, each.n, each.wire) for each in receipts):
        wire = wires.find(device_id=device_id, n=n, own=own)
        if wire is None:
            message = f"receipt {n} of device {device_id} has no bytes"
            raise WireLostError(message)
        found[device_id, n] = wire
    return [found[each.device_id, each.n] for each in receipts]
