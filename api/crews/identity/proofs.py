"""Proofs of possession: who shows a token must hold the key that it is bound to (RFC 9449).

A proof is taken once.
Each worker remembers what it has seen; where a request writes, the proof is marked in its unit of
work, so that no other worker takes it either.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import math
import threading
from collections.abc import Callable
from typing import Final

import msgspec

from api.crews.service import device_keys
from api.http import Proof
from schemas import base, signatures
from schemas.errors import Refused
from schemas.proofs import PROOF_CHARS_MAX, ProofClaims, ProofHeader
from schemas.rules import proofs

_PARTS: Final = 3
_HEADERS_KEPT: Final = 20_000
"""A device writes the same header every time; as many as keys are kept parsed."""
_CLAIMS: Final = msgspec.json.Decoder(ProofClaims)


class ProofNeeded(Refused):
    """This token is bound to a key. Send it as `DPoP`, with a proof that the key has signed."""

    code = "proof-needed"
    status = 401
    en = "This token needs a proof by the key that it is bound to (DPoP)."
    zh = "此令牌已与密钥绑定，请求必须附带由该密钥签名的证明（DPoP）。"


class ProofWrong(Refused):
    """The proof does not prove it: see `reason`. Sign a new one, for this request and token."""

    code = "proof-wrong"
    status = 401
    en = "The proof that came with the token proves nothing: {reason}."
    zh = "随令牌提交的证明无效：{reason}。"


class ProofStale(Refused):
    """The proof is not of now, by our clock. Put the nonce of `DPoP-Nonce` into a new one."""

    code = "proof-stale"
    status = 401
    en = "The proof was not made just now; sign another one with the nonce that is given."
    zh = "证明不是刚刚生成的，请使用所给的随机数重新签名。"


class ProofUsed(Refused):
    """This proof came before. Every request needs one of its own; ask what became of the first."""

    code = "proof-used"
    status = 401
    en = "This proof has been used before; every request needs a new one."
    zh = "此证明已被使用过，每个请求都需要新的证明。"


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """What a proof showed.

    Attributes:
        jkt: the thumbprint of the key that signed it.
        id: names this proof among all proofs.
        claims: what it says.
    """

    jkt: str
    id: str
    claims: ProofClaims


def read(proof: Proof, *, token: str | None) -> Shown:
    """Check a proof in itself: well formed, signed by its own key, for this request and token.

    Args:
        proof: what came, and the request that it came with.
        token: the access token that it must name; None where no token is shown.

    Raises:
        ProofWrong: it is not.
    """
    parts = proof.text.split(".")
    if len(parts) != _PARTS or len(proof.text) > PROOF_CHARS_MAX:
        raise ProofWrong(reason="it is not a signed token")
    jkt, key = _key(parts[0])
    if not device_keys.has_signed(
        key, statement=f"{parts[0]}.{parts[1]}".encode(), signature=parts[2]
    ):
        raise ProofWrong(reason="its signature is not by its key")
    claims = _said(parts[1])
    if claims.htm != proof.method or not proofs.is_for(claims.htu, path=proof.path):
        raise ProofWrong(reason="it is for another request")
    if token is not None and claims.ath != proofs.token_hash(token):
        raise ProofWrong(reason="it is for another token")
    return Shown(jkt, proofs.token_hash(f"{jkt}.{claims.jti}"), claims)


def check_fresh(
    claims: ProofClaims,
    *,
    now: dt.datetime,
    is_our_nonce: Callable[[str], bool],
    new_nonce: Callable[[], str],
) -> None:
    """Check that a proof was made just now: by a nonce of ours, or by a clock that agrees.

    Raises:
        ProofStale: it was not; the refusal carries a nonce.
    """
    if claims.nonce is not None:
        fresh = is_our_nonce(claims.nonce)
    else:
        fresh = proofs.is_fresh(claims.iat, now_s=now.timestamp())
    if not fresh:
        raise ProofStale(nonce=new_nonce())


class Used:
    """The proofs that this worker has taken, as long as any of them is fresh."""

    def __init__(self) -> None:
        """Remember none."""
        self._lock = threading.Lock()
        self._recent: set[str] = set()
        self._before: set[str] = set()
        self._turned_s = -math.inf

    def take(self, proof_id: str, *, now: dt.datetime) -> None:
        """Take a proof.

        Raises:
            ProofUsed: it was taken before.
        """
        now_s = now.timestamp()
        with self._lock:
            if abs(now_s - self._turned_s) > proofs.NONCE_LIFE_S:
                self._recent, self._before = set(), self._recent
                self._turned_s = now_s
            if proof_id in self._recent or proof_id in self._before:
                raise ProofUsed
            self._recent.add(proof_id)


@functools.lru_cache(maxsize=_HEADERS_KEPT)
def _key(segment: str) -> tuple[str, str]:
    """Read the key from a header: its thumbprint, and its text as devices' keys are kept."""
    try:
        header = base.decode(signatures.unsegmented(segment), ProofHeader)
        text = device_keys.text_of(header.jwk)
    except (*base.UNREADABLE, ValueError, device_keys.DeviceKeyWrong) as error:
        raise ProofWrong(reason="its header is not one of a proof") from error
    return device_keys.thumbprint(text), text


def _said(segment: str) -> ProofClaims:
    try:
        claims = _CLAIMS.decode(signatures.unsegmented(segment))
    except (*base.UNREADABLE, ValueError) as error:
        raise ProofWrong(reason="it does not say what a proof says") from error
    if not math.isfinite(claims.iat):
        raise ProofWrong(reason="it does not say what a proof says")
    return claims
