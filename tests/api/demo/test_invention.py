"""What is invented is the same for the same seed, and nothing like it for another."""

from __future__ import annotations

import datetime as dt
import hashlib
import zoneinfo

import numpy as np

from api.demo import cells, customers, history, network, walks
from schemas.base import encode
from schemas.sites import AreaClass

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
NET = network.read()
WALKS = walks.plan(NET)


def fingerprint(seed: int) -> str:
    """Hash the customers and readings of the first two walks."""
    chance = np.random.default_rng(seed)
    few = WALKS[:2]
    homes = customers.settle(
        NET, few, chance=chance, installed_at=NOW - dt.timedelta(days=2_000), months=history.MONTHS
    )
    rounds = {walk.number: history.Round(NOW.date(), "reader01") for walk in few}
    pasts = history.invent(homes, rounds, chance=chance)
    rows = list(history.rows(pasts, rounds, zone=ZONE))
    return hashlib.sha256(encode([[home.point for home in homes], rows])).hexdigest()


def test_the_same_seed_invents_the_same() -> None:
    assert fingerprint(1) == fingerprint(1)


def test_another_seed_invents_something_else() -> None:
    assert fingerprint(1) != fingerprint(2)


def test_every_customer_is_on_one_walk() -> None:
    met = [customer.id for walk in WALKS for customer in walk.customers]

    assert sorted(met) == [customer.id for customer in NET.customers]
    assert all(100 <= len(walk.customers) <= 500 for walk in WALKS)


def test_areas_are_drawn_around_feeders_in_every_class() -> None:
    drawn = cells.draw(NET)

    assert sorted(drawn) == NET.feeder_ids
    assert set(cells.classes(NET, drawn).values()) == set(AreaClass)


def test_a_month_before_the_end_of_a_long_month_exists() -> None:
    assert history.month_before(dt.date(2026, 3, 31)) == dt.date(2026, 2, 28)
    assert history.month_before(dt.date(2026, 1, 5)) == dt.date(2025, 12, 5)
