"""A worker that dies between what it made and what it would have noted: `killed.py URL FOLDER`."""

from __future__ import annotations

import os
import pathlib
import signal
import sys

import api.models  # noqa: F401 - the server's tables
from api import acts, db
from api.evidence import depot
from api.photos import derived, service
from api.settings import Settings
from tests.makers import tasks


def main(url: str, folder: str) -> None:
    """Take a file up, make its pictures, and die."""
    database = db.Database(url, pool_size=2)
    act = acts.system(district_id=tasks.DISTRICT, now=tasks.NOW, job="examine_photos")
    with database.unit_of_work() as session:
        taken = service.take(session, act=act)
    assert taken is not None
    shelf = derived.Shelf(pathlib.Path(folder) / derived.FOLDER)
    files = depot.opened(Settings(data_dir=pathlib.Path(folder)))
    found = service.look_into(taken, files=files, shelf=shelf)
    assert found is not None
    assert shelf.holds(district_id=taken.district_id, sha256=taken.sha256)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
