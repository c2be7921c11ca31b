"""The reports that a change needs, side by side: those that come, and those fetched from the store when asked for."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged
from newsdedup.engine.cleaning import sort_key
from newsdedup.engine.executor import Resources, spread
from newsdedup.engine.workspace import Offsets, Profiles, RecordList, Spool, unpack_report
from newsdedup.fingerprint import Fingerprints, fingerprint, joined
from newsdedup.hashing import Vocabulary
from newsdedup.idf import Background
from newsdedup.models import Report
from newsdedup.related import day_of
from newsdedup.store import codec
from newsdedup.store.stored_articles import chosen
from newsdedup.tasks import chunks_of

Ints = NDArray[np.int64]

# Reports that are fetched at a time, and fingerprinted by a worker.
_FETCHED = 5000
_CHUNK = 50


class Desk:
    """Reports by slot; each has a place, in the order in which they came."""

    def __init__(self, db: sqlite3.Connection, spool: Spool, resources: Resources, workers: int) -> None:
        self._db = db
        self.spool = spool
        self._resources = resources
        self._workers = workers
        self._places = [Offsets.concat([])]
        self._prints: list[Fingerprints] = []
        self._dates = [np.empty(0, dtype=np.bytes_)]
        self._days = [np.empty(0, dtype=np.int32)]
        self._place: dict[int, int] = {}

    def lay(
        self, slots: Ints, places: Offsets, prints: Fingerprints, dates: NDArray[np.bytes_], days: NDArray[np.int32]
    ) -> None:
        """Add reports that lie in the spool already."""
        start = len(self._place)
        self._place.update(zip(slots.tolist(), range(start, start + len(slots)), strict=True))
        self._places.append(places)
        self._prints.append(prints)
        self._dates.append(dates)
        self._days.append(days)

    def fetch(self, slots: Ints) -> None:
        """Fetch the reports of slots that are not here yet."""
        missing = [slot for slot in np.unique(slots).tolist() if slot not in self._place]
        for start in range(0, len(missing), _FETCHED):
            self._fetch(missing[start : start + _FETCHED])

    def _fetch(self, missing: Sequence[int]) -> None:
        columns = "slot, article_id, version_of, published, texts.record"
        statement = f"SELECT {columns} FROM articles JOIN texts USING (slot) WHERE slot IN"
        found = sorted(chosen(self._db, statement, missing))
        places = self.spool.add([json.dumps(row[1:3]).encode() + b"\n" + row[4] for row in found])
        shelf = RecordList(self.spool, places, unpack)
        shared = shelf, self._resources.background, Vocabulary()
        prints = list(spread(_fingerprint, shared, chunks_of(len(shelf), _CHUNK), self._workers))
        self.lay(
            np.array([row[0] for row in found], dtype=np.int64),
            places,
            joined(prints),
            np.array([sort_key(row[3]) for row in found], dtype=np.bytes_),
            np.array([day_of(row[3]) for row in found], dtype=np.int32),
        )

    def places(self, slots: Ints) -> Ints:
        """Return the places of slots, which must be here."""
        return np.array([self._place[slot] for slot in slots.ravel().tolist()], dtype=np.int64).reshape(slots.shape)

    @property
    def prints(self) -> Fingerprints:
        """The columns over all that is here, in the order of their places."""
        if len(self._prints) > 1:
            self._prints = [joined(self._prints)]
        return self._prints[0] if self._prints else joined([])

    def shingles(self, slots: Ints) -> Ragged:
        """Return the kept 3-grams of slots."""
        self.fetch(slots)
        return self.prints.shingles.take(self.places(slots))

    def resources(self, slots: Ints | None = None) -> Resources:
        """Return what pairs are scored with, profiles by place, or by place in `slots`."""
        rows = Offsets.concat(self._places)
        if slots is not None:
            rows = Offsets(rows.rows[self.places(slots)])
        reports = RecordList(self.spool, rows, unpack)
        return replace(self._resources, profiles=Profiles(reports, self._resources.background))

    def dates(self, slots: Ints) -> tuple[NDArray[np.bytes_], NDArray[np.int32]]:
        """Return what slots sort by, and their days."""
        places = self.places(slots)
        return np.concatenate(self._dates)[places], np.concatenate(self._days)[places]


def unpack(record: bytes) -> Report:
    """Return a report, fresh or from the store."""
    if record.startswith(b"\x80"):  # a pickle of this run
        return unpack_report(record)
    named, _, rest = record.partition(b"\n")
    return codec.unpack_report(rest, *json.loads(named))


def _fingerprint(shared: tuple[RecordList[Report], Background, Vocabulary], at: range) -> Fingerprints:
    shelf, background, vocabulary = shared
    return fingerprint([shelf.read(i) for i in at], background, vocabulary)


def taken(prints: Fingerprints, rows: Ints) -> Fingerprints:
    """Return some rows of all columns, in the order given."""
    if np.array_equal(rows, np.arange(len(prints))):
        return prints
    found: dict[str, Any] = {}
    for each in fields(Fingerprints):
        column = getattr(prints, each.name)
        found[each.name] = column.take(rows) if isinstance(column, Ragged) else column[rows]
    return Fingerprints(**found)
