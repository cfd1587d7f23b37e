"""Photos that a district's policy asks for: of a meter that could not be read, of an odd value.

The phone asks for them; the server takes what happened without, and says what is missing.
"""

from __future__ import annotations

from collections.abc import Collection


def of_skip(code: str, *, photos: int, on_skip: Collection[str]) -> bool:
    """Tell whether a photo is missing that a skip should have.

    Args:
        code: why the meter was skipped.
        photos: how many came with it.
        on_skip: the codes that the district asks a photo for.
    """
    return photos == 0 and code in on_skip


def of_reading(confirmed: Collection[str], *, photos: int, on_confirm: bool) -> bool:
    """Tell whether a photo is missing that a confirmed prompt should have.

    Args:
        confirmed: the prompts that the reader saw and confirmed.
        photos: how many came with the reading.
        on_confirm: whether the district asks for one.
    """
    return on_confirm and photos == 0 and len(confirmed) > 0
