"""Findings as they are kept: once for a reading and rule, with every number they rest on."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.readings import store
from api.readings.models import Flag
from api.readings.service import announcing
from schemas.rules import flags

_log = structlog.get_logger()


class Book:
    """What was found in some readings so far; a finding that is there is not kept again.

    Attributes:
        there: what was found, as (reading, code).
        counts: how many findings of each code are new.
    """

    def __init__(self, session: Session, *, act: Act, reading_ids: Sequence[str]) -> None:
        self._session = session
        self._act = act
        self.there = store.list_flag_codes(
            session, district_id=act.district_id, reading_ids=reading_ids
        )
        self._withdrawn = store.list_withdrawn(
            session, district_id=act.district_id, reading_ids=reading_ids
        )
        self.counts: dict[str, int] = {}

    def keep(
        self, flag: flags.Flag, *, reading_id: str, meter_id: str, reader_id: str | None
    ) -> None:
        """Keep a finding unless it is there, and say so in the log."""
        if (reading_id, flag.code) in self.there:
            return
        self.there.add((reading_id, flag.code))
        self.counts[flag.code] = self.counts.get(flag.code, 0) + 1
        _log.info("reading.flagged", reading_id=reading_id, code=flag.code)
        withdrawn = self._withdrawn.get((reading_id, flag.code))
        if withdrawn is not None:
            self._keep_again(withdrawn, flag)
            return
        row: dict[str, object] = {
            "district_id": self._act.district_id,
            "id": self._act.new_id(),
            "reading_id": reading_id,
            "meter_id": meter_id,
            "reader_id": reader_id,
            "code": flag.code,
            "rule_version": flag.version,
            "severity": str(flag.severity),
            "cim": flag.cim,
            "inputs": dict(flag.inputs),
            "en": flag.en,
            "zh": flag.zh,
            "found_at": self._act.received_at,
            "told": [],
            "outcome": None,
        }
        db.append(self._session, Flag, row)
        announcing.flagged(self._session, act=self._act, row=row)

    def _keep_again(self, row: Flag, flag: flags.Flag) -> None:
        """Let a finding stand again that was withdrawn, with the numbers that it rests on now."""
        row.rule_version, row.severity, row.cim = flag.version, str(flag.severity), flag.cim
        row.inputs, row.en, row.zh = dict(flag.inputs), flag.en, flag.zh
        row.found_at, row.outcome = self._act.received_at, None
