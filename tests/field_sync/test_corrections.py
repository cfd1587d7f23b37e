"""A crew corrects an order without signal, and sees it as the server will say it."""

from __future__ import annotations

import pytest

from field_sync import corrections, errors, view
from field_sync.store.connection import Store
from field_sync.testing.edge import HandEdge
from schemas import tasks
from schemas.places import Position
from tests.makers import handheld as make

THERE = Position(lat_deg=make.LAT_DEG + 0.001, lon_deg=make.LON_DEG)


def test_a_correction_is_seen_at_once(phone: Store, edge: HandEdge) -> None:
    corrections.amend(
        phone,
        edge,
        task_id="t1",
        contact="Li 138",
        note="the whole lane",
        access_note="key at the shop",
        position=THERE,
    )
    task = view.get_work(phone, task_id="t1").task
    assert (task.contact, task.note) == ("Li 138", "the whole lane")
    assert task.site is not None
    assert task.site.access_note == "key at the shop"
    assert task.site.geometry["coordinates"] == [THERE.lon_deg, THERE.lat_deg]


def test_a_correction_says_what_was_seen(phone: Store, edge: HandEdge) -> None:
    corrections.amend(phone, edge, task_id="t1", contact="Li 138")
    second = corrections.amend(phone, edge, task_id="t1", contact="Li 136", note="")
    body = second.read()
    assert body == tasks.Amended(contact=tasks.TextAmended(saw="Li 138", set="Li 136"))


def test_the_offices_edit_is_seen_beside_the_correction(phone: Store, edge: HandEdge) -> None:
    corrections.amend(phone, edge, task_id="t1", contact="Li 138")
    edited = make.task("t1", version=2, contact="Wu 137")
    make.hold(phone, "crew:c1", ("task", edited))
    assert view.get_work(phone, task_id="t1").task.contact == "Wu 137; Li 138"


def test_an_order_gets_its_first_position_on_the_spot(phone: Store, edge: HandEdge) -> None:
    make.hold(phone, "crew:c1", ("task", make.task("t2", site=False)))
    with pytest.raises(errors.SiteNeedsPosition):
        corrections.amend(phone, edge, task_id="t2", access_note="key at the shop")
    corrections.amend(phone, edge, task_id="t2", access_note="key at the shop", position=THERE)
    site = view.get_work(phone, task_id="t2").task.site
    assert site is not None
    assert (site.access_note, site.radius_m) == ("key at the shop", view.RADIUS_UNKNOWN_M)


def test_what_the_order_says_already_is_no_correction(phone: Store, edge: HandEdge) -> None:
    with pytest.raises(errors.NothingChanged):
        corrections.amend(phone, edge, task_id="t1", contact="", note="")
    with pytest.raises(errors.Malformed):
        corrections.amend(phone, edge, task_id="t1", contact="x" * 3_000)
