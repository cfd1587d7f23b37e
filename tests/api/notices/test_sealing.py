"""What is sealed is opened by its browser alone, and is what the standard says."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from api.notices.channels import sealing
from tests.makers import push
from tests.makers.push import unb64

WATERMELON = b"When I grow up, I want to be a watermelon"


def key_of(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(unb64(text)), ec.SECP256R1())


def test_the_standards_own_case_comes_out_byte_for_byte() -> None:
    """RFC 8291, section 5 and appendix A."""
    sealed = sealing.seal(
        WATERMELON,
        p256dh=unb64(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        auth=unb64("BTBZMqHH6r4Tts7J_aSIgg"),
        salt=unb64("DGv6ra1nlYgDCS1FRnbzlw"),
        ephemeral=key_of("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
    )
    assert push.b64(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmY"
        "WAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexS"
        "gSxsj_Qulcy4a-fN"
    )


@given(st.binary(max_size=sealing.PLAIN_BYTES_MAX).filter(lambda text: not text.endswith(b"\0")))
def test_whatever_is_sealed_is_opened_again(plain: bytes) -> None:
    own = push.browser("https://push.example/1")
    assert own.open(sealed_for(own, plain)) == plain


def test_another_browser_cannot_open_it() -> None:
    own, other = push.browser("https://push.example/1"), push.browser("https://push.example/2")
    with pytest.raises(InvalidTag):
        other.open(sealed_for(own, WATERMELON))


def test_what_is_padded_is_as_long_as_any_other() -> None:
    own = push.browser("https://push.example/1")
    long, short = (sealed_for(own, text, padded_to=100) for text in (WATERMELON, b"no"))
    assert len(long) == len(short)
    assert own.open(short) == b"no"


def sealed_for(own: push.Browser, plain: bytes, *, padded_to: int = 0) -> bytes:
    return sealing.seal(
        plain,
        p256dh=own.point,
        auth=own.auth,
        salt=b"salt of a test !",
        ephemeral=ec.generate_private_key(ec.SECP256R1()),
        padded_to=padded_to,
    )
