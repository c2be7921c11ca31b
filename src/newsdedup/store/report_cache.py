"""The reports and columns that an update needs: those of new articles, and stored ones loaded on demand."""

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
from newsdedup.engine.executor import ScoringContext, map_chunks
from newsdedup.engine.workspace import FeatureCache, Offsets, RecordList, Spool, unpack_report
from newsdedup.fingerprint import Fingerprints, concat_fingerprints, fingerprint
from newsdedup.hashing import Vocabulary
from newsdedup.idf import IdfTable
from newsdedup.models import Report
from newsdedup.related import day_number
from newsdedup.store import codec
from newsdedup.store.database import select_in
from newsdedup.tasks import split_range

Ints = NDArray[np.int64]

# Reports that are loaded from the store at a time, and those per fingerprinting task.
_REPORTS_PER_LOAD = 5000
_FINGERPRINT_CHUNK = 50


class ReportCache:
    """Spooled reports and their columns by slot. Each has an index, in the order of loading."""

    def __init__(self, db: sqlite3.Connection, spool: Spool, scoring: ScoringContext, workers: int) -> None:
        self._db = db
        self.spool = spool
        self._scoring = scoring
        self._workers = workers
        self._offsets = [Offsets.concat([])]
        self._fingerprints: list[Fingerprints] = []
        self._date_keys = [np.empty(0, dtype=np.bytes_)]
        self._days = [np.empty(0, dtype=np.int32)]
        self._index_of: dict[int, int] = {}

    def add(
        self,
        slots: Ints,
        offsets: Offsets,
        fingerprints: Fingerprints,
        date_keys: NDArray[np.bytes_],
        days: NDArray[np.int32],
    ) -> None:
        """Add reports that are in the spool already, with their columns."""
        start = len(self._index_of)
        self._index_of.update(zip(slots.tolist(), range(start, start + len(slots)), strict=True))
        self._offsets.append(offsets)
        self._fingerprints.append(fingerprints)
        self._date_keys.append(date_keys)
        self._days.append(days)

    def load(self, slots: Ints) -> None:
        """Load the reports of slots that are not in the cache from the store."""
        missing = [slot for slot in np.unique(slots).tolist() if slot not in self._index_of]
        for start in range(0, len(missing), _REPORTS_PER_LOAD):
            self._load_missing(missing[start : start + _REPORTS_PER_LOAD])

    def _load_missing(self, missing: Sequence[int]) -> None:
        columns = "slot, article_id, version_of, published, texts.record"
        statement = f"SELECT {columns} FROM articles JOIN texts USING (slot) WHERE slot IN"
        rows = sorted(select_in(self._db, statement, missing))
        offsets = self.spool.add([json.dumps(row[1:3]).encode() + b"\n" + row[4] for row in rows])
        records = RecordList(self.spool, offsets, unpack_spooled)
        context = records, self._scoring.idf_table, Vocabulary()
        fingerprints = list(
            map_chunks(_fingerprint_chunk, context, split_range(len(records), _FINGERPRINT_CHUNK), self._workers)
        )
        self.add(
            np.array([row[0] for row in rows], dtype=np.int64),
            offsets,
            concat_fingerprints(fingerprints),
            np.array([sort_key(row[3]) for row in rows], dtype=np.bytes_),
            np.array([day_number(row[3]) for row in rows], dtype=np.int32),
        )

    def indices_of(self, slots: Ints) -> Ints:
        """Return the indices of slots, which must be in the cache; same shape as `slots`."""
        return np.array([self._index_of[slot] for slot in slots.ravel().tolist()], dtype=np.int64).reshape(slots.shape)

    @property
    def fingerprints(self) -> Fingerprints:
        """The columns over all cached reports, by index."""
        if len(self._fingerprints) > 1:
            self._fingerprints = [concat_fingerprints(self._fingerprints)]
        return self._fingerprints[0] if self._fingerprints else concat_fingerprints([])

    def load_shingles(self, slots: Ints) -> Ragged:
        """Return the sampled shingles of slots, loading reports where needed."""
        self.load(slots)
        return self.fingerprints.shingles.take(self.indices_of(slots))

    def scoring_context(self, slots: Ints | None = None) -> ScoringContext:
        """Return what pairs are scored with; its features are by index, or by position in `slots` if given."""
        offsets = Offsets.concat(self._offsets)
        if slots is not None:
            offsets = Offsets(offsets.rows[self.indices_of(slots)])
        reports = RecordList(self.spool, offsets, unpack_spooled)
        return replace(self._scoring, features=FeatureCache(reports, self._scoring.idf_table))

    def take_dates(self, slots: Ints) -> tuple[NDArray[np.bytes_], NDArray[np.int32]]:
        """Return the sort keys of the dates of slots, and their day numbers."""
        indices = self.indices_of(slots)
        return np.concatenate(self._date_keys)[indices], np.concatenate(self._days)[indices]


def unpack_spooled(record: bytes) -> Report:
    """Return the report of a spooled record, which was cleaned in this run or copied from the store."""
    if record.startswith(b"\x80"):  # a pickle, cleaned in this run
        return unpack_report(record)
    ids, _, body = record.partition(b"\n")
    return codec.unpack_report(body, *json.loads(ids))


def _fingerprint_chunk(shared: tuple[RecordList[Report], IdfTable, Vocabulary], chunk: range) -> Fingerprints:
    records, idf_table, vocabulary = shared
    return fingerprint([records.read(i) for i in chunk], idf_table, vocabulary)


def take_rows(fingerprints: Fingerprints, rows: Ints) -> Fingerprints:
    """Return the given rows of all columns, in this order."""
    if np.array_equal(rows, np.arange(len(fingerprints))):
        return fingerprints
    columns: dict[str, Any] = {}
    for field in fields(Fingerprints):
        column = getattr(fingerprints, field.name)
        columns[field.name] = column.take(rows) if isinstance(column, Ragged) else column[rows]
    return Fingerprints(**columns)
