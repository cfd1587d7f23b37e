"""What the stand-in for a server answers with."""

from __future__ import annotations

import httpx

from schemas.base import Shape, encode
from schemas.errors import Problem, Words


def json(status: int, shape: Shape) -> httpx.Response:
    """Answer with a shape."""
    return httpx.Response(
        status, headers={"Content-Type": "application/json"}, stream=httpx.ByteStream(encode(shape))
    )


def bare(status: int, **headers: str) -> httpx.Response:
    """Answer with headers alone; `Upload_Offset` is written `Upload-Offset`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, stream=httpx.ByteStream(b""))


def problem(status: int, code: str) -> httpx.Response:
    """Refuse."""
    words = Words(en=f"Refused: {code}.", zh=f"拒绝：{code}。")
    body = Problem(type=f"/docs#{code}", title=code, status=status, code=code, detail=words)
    return json(status, body)
