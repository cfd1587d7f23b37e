"""Possession: whoever shows a bound token is held to the key that it is bound to."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Final

from sqlalchemy.orm import Session

from api.crews import store
from api.crews.identity import nonces, proofs
from api.crews.identity.keys import KeyRing
from api.http import Proof
from schemas.rules.proofs import NONCE_LIFE_S

_KEPT: Final = dt.timedelta(seconds=NONCE_LIFE_S)


class Possession:
    """Looks at the proofs that come with requests, and takes each once."""

    def __init__(self, ring: KeyRing) -> None:
        """Remember no proof yet; nonces are made with the keys of a ring."""
        self._ring = ring
        self._used = proofs.Used()

    def check(
        self,
        session: Session,
        *,
        proof: Proof | None,
        jkt: str | None,
        token: str | None,
        now: dt.datetime,
    ) -> None:
        """Check that whoever asks holds a key; where none is asked for, a proof is not looked at.

        Args:
            session: the unit of work.
            proof: what came with the request.
            jkt: the thumbprint of the key that is asked for; None asks for none.
            token: the access token that is shown, if one is.
            now: the present instant.

        Raises:
            ProofNeeded: no proof came.
            ProofWrong: it is not one by that key for this request and token.
            ProofStale: it was not made just now.
            ProofUsed: it came before.
        """
        if jkt is None:
            return
        if proof is None:
            raise proofs.ProofNeeded
        if self.prove(session, proof=proof, token=token, now=now) != jkt:
            raise proofs.ProofWrong(reason="it is by another key")

    def prove(self, session: Session, *, proof: Proof, token: str | None, now: dt.datetime) -> str:
        """Take a proof and tell the thumbprint of the key that signed it.

        Raises:
            ProofWrong: it is not one for this request and token.
            ProofStale: it was not made just now.
            ProofUsed: it came before.
        """
        shown = proofs.read(proof, token=token)
        find_key = functools.partial(self._ring.find_verifying, session, now=now)
        proofs.check_fresh(
            shown.claims,
            now=now,
            is_our_nonce=functools.partial(nonces.is_fresh, find_key=find_key, now=now),
            new_nonce=lambda: nonces.give(self._ring.signing(session, now=now), now=now),
        )
        self._used.take(shown.id, now=now)
        if proof.writes:
            until = now + _KEPT
            if not store.sessions.use_proof(session, proof_id=shown.id, until=until):
                raise proofs.ProofUsed
        return shown.jkt
