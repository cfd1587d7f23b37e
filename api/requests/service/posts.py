"""Posts (岗位): who answers in a unit for what, and where a request lands by that."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import msgspec
from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import service as crews
from api.requests import store
from api.requests.models import Post
from api.requests.service import taxonomy
from schemas import requests
from schemas.crews import Level, UnitView
from schemas.errors import Refused, Words


class PostUnknown(Refused):
    """No taxonomy has such a post. Choose one of those that `GET /v1/taxonomies` lists."""

    code = "post-unknown"
    status = 422
    en = "There is no post {post}; choose one of {posts}."
    zh = "没有岗位 {post}；可选：{posts}。"


class HolderGone(Refused):
    """The person has left. Name somebody who is there."""

    code = "holder-gone"
    status = 409
    en = "{who} has left; name somebody who is there."
    zh = "{who} 已离职；请指定在岗人员。"


@dataclasses.dataclass(frozen=True, slots=True)
class Landing:
    """Who answers for a request, if anybody holds its post, and the sentence that says so."""

    person_id: str | None
    why: Words


def set_post(
    session: Session, *, act: Act, unit_id: str, post: str, body: requests.PostGiven
) -> requests.PostHolder:
    """Let a person hold a post of a unit from now on.

    Raises:
        NotFound: the unit or the person does not exist for the actor.
        PostUnknown: no taxonomy has such a post.
        HolderGone: the person has left.
    """
    known = _words()
    if post not in known:
        raise PostUnknown(post=post, posts=", ".join(sorted(known)))
    unit = crews.get_unit(session, act=act, unit_id=unit_id)
    person = crews.get_person(session, act=act, person_id=body.person_id)
    if person.left_at is not None:
        raise HolderGone(who=person.id)
    row = store.find_post(session, unit_id=unit.id, post=post)
    if row is None:
        row = Post(unit_id=unit.id, post=post)
        session.add(row)
    row.person_id = person.id
    row.set_at, row.set_by = act.happened.at, act.principal.person_id
    detail = {"post": post, "person_id": person.id}
    crews.audit(session, act=act, what="post.set", subject_id=unit.id, detail=detail)
    return _view(row)


def list_posts(session: Session, *, act: Act, unit_id: str) -> requests.PostHolderList:
    """List who holds the posts of a unit.

    Raises:
        NotFound: the unit does not exist for the actor.
    """
    unit = crews.get_unit(session, act=act, unit_id=unit_id)
    shown = UnitView(
        id=unit.id,
        parent_id=unit.parent_id,
        level=Level(unit.level),
        name=unit.name,
        path=unit.path,
    )
    holders = [_view(row) for row in store.list_posts(session, unit_id=unit.id)]
    return requests.PostHolderList(unit=shown, items=holders)


def land(session: Session, *, unit_id: str, post: str) -> Landing:
    """Find who answers for a post in a unit: its holder, else the duty office's."""
    words = _words()
    for held in dict.fromkeys((post, taxonomy.DUTY)):
        row = store.find_post(session, unit_id=unit_id, post=held)
        if row is not None and not crews.has_left(session, person_id=row.person_id):
            name = crews.names_of(session, ids=[row.person_id])[row.person_id]
            return Landing(
                row.person_id,
                Words(
                    en=f"{name} holds the post “{words[held].en}” of {unit_id}.",
                    zh=f"{unit_id}的“{words[held].zh}”岗位由{name}负责。",
                ),
            )
    return Landing(
        None,
        Words(
            en=f"Nobody holds the post “{words[post].en}” of {unit_id}, nor its duty office.",
            zh=f"{unit_id}的“{words[post].zh}”岗位及值班室均无人负责。",
        ),
    )


def _words() -> Mapping[str, Words]:
    """Name every post of every taxonomy; the newest one's words count."""
    named: dict[str, Words] = {}
    for known in reversed(taxonomy.list_taxonomies()):
        named |= known.posts
    return named


def _view(row: Post) -> requests.PostHolder:
    return msgspec.convert(row, requests.PostHolder, from_attributes=True)
