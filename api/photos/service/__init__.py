"""The way into photos for other capabilities, doors and jobs."""

from api.photos.service.asking import LikenessSettled, decide, list_likenesses
from api.photos.service.looking import (
    ATTEMPTS_MAX,
    Found,
    Taken,
    leave,
    look_into,
    note,
    take,
)
from api.photos.service.showing import (
    PictureNotReady,
    PictureNotShown,
    Shown,
    find_shown,
    get_picture,
)

__all__ = [
    "ATTEMPTS_MAX",
    "Found",
    "LikenessSettled",
    "PictureNotReady",
    "PictureNotShown",
    "Shown",
    "Taken",
    "decide",
    "find_shown",
    "get_picture",
    "leave",
    "list_likenesses",
    "look_into",
    "note",
    "take",
]
