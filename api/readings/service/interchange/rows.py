"""Rows of a file: told apart, shaped, and counted as taken, known or refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec
from sqlalchemy.orm import Session

from api import db
from api.acts import Act
from api.crews import service as crews
from api.readings import store
from api.readings.models import Imported
from api.sites.service import files, intake
from schemas import reading_files
from schemas.base import Shape, encode
from schemas.errors import FieldValue, Refused
from schemas.sites import RefusedRow

ShapeT = TypeVar("ShapeT", bound=Shape)
REFUSED_SHOWN_MAX: Final = 500


class SourceDiffers(Refused):
    """The other system sent this id before, with other contents. Give what is new an id of its own.

    What was taken in stays as it is.
    """

    code = "source-differs"
    status = 409
    en = "{source_id} was imported before, with other contents."
    zh = "{source_id} 此前已导入，且内容不同。"


class Line(NamedTuple, Generic[ShapeT]):
    """A row that has its shape, and the line where it stands."""

    number: int
    row: ShapeT


class Tally:
    """What becomes of the rows of one file, told at its end."""

    def __init__(self) -> None:
        """Begin with none."""
        self.rows = self.taken = self.known = 0
        self._refused: list[tuple[int, Refused]] = []

    def refuse(self, line: int, error: Refused) -> None:
        """Note why a row does not go in."""
        self._refused.append((line, error))

    @property
    def has_refused(self) -> bool:
        """Tell whether a row was refused."""
        return bool(self._refused)

    def shaped(
        self, rows: Iterable[files.Row], shape: Callable[[dict[str, Any]], ShapeT]
    ) -> Iterator[Line[ShapeT]]:
        """Give the rows that have their shape; the others are refused as `bad-row`."""
        for row in rows:
            self.rows += 1
            try:
                yield Line(row.line, shape(row.values))
            except (msgspec.ValidationError, ValueError) as error:
                self.refuse(row.line, intake.BadRow(reason=str(error)))

    def report(self) -> reading_files.FileReport:
        """Tell it, the refused rows in the order of the file."""
        told = sorted(self._refused, key=lambda refused: refused[0])[:REFUSED_SHOWN_MAX]
        return reading_files.FileReport(
            rows=self.rows,
            taken=self.taken,
            known=self.known,
            refused_count=len(self._refused),
            refused=[RefusedRow(line=n, code=error.code, detail=error.words) for n, error in told],
        )


class Sources:
    """What came in before, by the other system's ids; twice the same adds nothing."""

    def __init__(self, session: Session, *, act: Act, kind: str, source_ids: Iterable[str]) -> None:
        """Ask once for all ids of a file.

        Args:
            session: the unit of work.
            act: whose district.
            kind: `reading` or `route`.
            source_ids: what the file names.
        """
        self._session, self._act, self._kind = session, act, kind
        self._there = store.find_imported(
            session, district_id=act.district_id, kind=kind, source_ids=sorted(set(source_ids))
        )

    def is_known(self, source_id: str, *contents: Shape) -> bool:
        """Tell whether it came in before, just as it is.

        Raises:
            SourceDiffers: it came in before, and was something else.
        """
        there = self._there.get(source_id)
        if there is not None and there != digest(contents):
            raise SourceDiffers(source_id=source_id)
        return there is not None

    def note(self, source_id: str, *contents: Shape) -> None:
        """Remember that it comes in, within this file too."""
        self._there[source_id] = digest(contents)

    def keep(self, source_id: str, own_id: str) -> None:
        """Write down under which id of ours it went in."""
        row = {
            "district_id": self._act.district_id,
            "kind": self._kind,
            "source_id": source_id,
            "own_id": own_id,
            "digest": self._there[source_id],
        }
        db.append(self._session, Imported, row)


def audit(session: Session, act: Act, what: str, report: reading_files.FileReport) -> None:
    """Write one line for the whole file, with its counts."""
    detail: dict[str, FieldValue] = {
        "rows": report.rows,
        "taken": report.taken,
        "known": report.known,
        "refused": report.refused_count,
    }
    crews.audit(session, act=act, what=what, subject_id=act.district_id, detail=detail)


def digest(contents: Iterable[Shape]) -> str:
    """Tell what was sent from anything else: SHA-256, in hex."""
    return hashlib.sha256(encode(list(contents))).hexdigest()
