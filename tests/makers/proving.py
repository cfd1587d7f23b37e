"""A client of tests that proves to hold the keys that its tokens are bound to, as phones do."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
from collections.abc import Mapping
from typing import Any, Final

import flask.testing
import msgspec
import werkzeug.datastructures
import werkzeug.test
from cryptography.hazmat.primitives.asymmetric import ec

from field_sync.keys import Signer
from field_sync.proofs import Prover
from field_sync.testing.edge import HandEdge
from schemas import signatures
from schemas.crews import DeviceKey

_HELD: Final = "tests.held_keys"
_SEEDS: Final = itertools.count()


class GivenKey:
    """A key pair whose numbers are given."""

    def __init__(self, public: Mapping[str, str], *, private: str) -> None:
        """Hold the pair with a JWK's members and its `d`."""
        self._public = msgspec.convert(public, DeviceKey)
        number = int.from_bytes(base64.urlsafe_b64decode(private + "="))
        self._private = ec.derive_private_key(number, ec.SECP256R1())

    def find(self) -> DeviceKey:
        """Give the public key."""
        return self._public

    def sign(self, statement: bytes) -> str:
        """Sign by ES256."""
        return signatures.sign(self._private, statement)


class ProvingClient(flask.testing.FlaskClient):
    """Shows a token by `DPoP`, with a new proof each time, once it holds the token's key."""

    def hold(self, headers: Mapping[str, str], keys: Signer) -> None:
        """Hold the key that the token of some headers is bound to."""
        self._held()[headers["Authorization"].removeprefix("Bearer ")] = keys

    def open(
        self,
        *args: Any,  # noqa: ANN401 - as Flask has it
        **kwargs: Any,  # noqa: ANN401 - as Flask has it
    ) -> werkzeug.test.TestResponse:
        """Send a request, with a proof where its token is bound to a key that is held."""
        headers = werkzeug.datastructures.Headers(kwargs.get("headers"))
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        keys = self._held().get(token)
        if keys is not None and "DPoP" not in headers:
            headers["Authorization"] = f"DPoP {token}"
            headers["DPoP"] = self.prove(
                keys, method=kwargs.get("method", "GET"), path=str(args[0]), token=token
            )
            kwargs["headers"] = headers
        return super().open(*args, **kwargs)

    def prove(self, keys: Signer, *, method: str, path: str, token: str | None) -> str:
        """Sign a proof for one request, by the server's own clock."""
        url = f"http://localhost{path.partition('?')[0]}"
        edge = HandEdge(now=self._now, seed=next(_SEEDS))
        proof = Prover(keys, edge).prove(method=method, url=url, token=token, nonce=None)
        assert proof is not None, "keys that are held can sign"
        return proof

    def _now(self) -> dt.datetime:
        now: dt.datetime = self.application.extensions["lamplighter"].clock.now()
        return now

    def _held(self) -> dict[str, Signer]:
        held: dict[str, Signer] = self.application.extensions.setdefault(_HELD, {})
        return held
