"""The reports and columns that an update needs: those of arriving articles, and stored ones loaded on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ints, Ragged, sorted_unique
from newsdedup.engine.cleaning import sort_key
from newsdedup.engine.codec import pack_report, unpack_report
from newsdedup.engine.context import RunContext
from newsdedup.engine.corpus import Corpus
from newsdedup.engine.feature_cache import FeatureCache
from newsdedup.engine.matching import ScoringContext
from newsdedup.engine.workspace import Offsets, RecordList
from newsdedup.execution import split_range
from newsdedup.fingerprint import Fingerprints, concat_fingerprints, fingerprint
from newsdedup.hashing import Vocabulary
from newsdedup.idf import IdfTable
from newsdedup.models import Report
from newsdedup.related import day_number

# Reports that are loaded from the corpus at a time, and those per fingerprinting task.
_REPORTS_PER_LOAD = 5000
_FINGERPRINT_CHUNK = 50


class ReportCache:
    """Spooled reports and their columns by slot. Each has an index, in the order of loading."""

    def __init__(self, corpus: Corpus, run: RunContext) -> None:
        self._corpus = corpus
        self._run = run
        self.spool = run.workspace.open_spool("reports")
        self._offsets = [Offsets.concat([])]
        self._fingerprints: list[Fingerprints] = []
        self._date_keys = [np.empty(0, dtype=np.bytes_)]
        self._days = [np.empty(0, dtype=np.int32)]
        self._index_of = np.full(0, -1, dtype=np.int64)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(
        self,
        slots: Ints,
        offsets: Offsets,
        fingerprints: Fingerprints,
        date_keys: NDArray[np.bytes_],
        days: NDArray[np.int32],
    ) -> None:
        """Add reports that are in the spool already, with their columns."""
        missing_slots = int(slots.max(initial=-1)) + 1 - len(self._index_of)
        if missing_slots > 0:
            self._index_of = np.append(self._index_of, np.full(missing_slots, -1))
        self._index_of[slots] = self._size + np.arange(len(slots))
        self._size += len(slots)
        self._offsets.append(offsets)
        self._fingerprints.append(fingerprints)
        self._date_keys.append(date_keys)
        self._days.append(days)

    def load(self, slots: Ints) -> None:
        """Load the reports of slots that are not in the cache yet."""
        requested = sorted_unique(slots)
        missing = requested[self._find_indices(requested) < 0]
        for chunk in split_range(len(missing), _REPORTS_PER_LOAD):
            self._load_missing(missing[chunk.start : chunk.stop].tolist())

    def _load_missing(self, missing: Sequence[int]) -> None:
        slots, records, dates = [], [], []
        for slot, report in self._corpus.load_reports(missing):
            slots.append(slot)
            records.append(pack_report(report))
            dates.append(report.article.published)
        offsets = self.spool.add(records)
        reports = RecordList(self.spool, offsets, unpack_report)
        context = reports, self._run.idf_table, Vocabulary()
        chunks = split_range(len(reports), _FINGERPRINT_CHUNK)
        self.add(
            np.array(slots, dtype=np.int64),
            offsets,
            concat_fingerprints(list(self._run.executor.map(_fingerprint_chunk, context, chunks))),
            np.array([sort_key(date) for date in dates], dtype=np.bytes_),
            np.array([day_number(date) for date in dates], dtype=np.int32),
        )

    def indices_of(self, slots: Ints) -> Ints:
        """Return the indices of slots, in the shape of `slots`; raises KeyError for one that is not in the cache."""
        indices = self._find_indices(slots)
        if (indices < 0).any():
            raise KeyError(int(slots[indices < 0][0]))
        return indices

    def _find_indices(self, slots: Ints) -> Ints:
        """Return the indices of slots, -1 for one that is not in the cache."""
        indices = np.full(slots.shape, -1, dtype=np.int64)
        in_range = slots < len(self._index_of)
        indices[in_range] = self._index_of[slots[in_range]]
        return indices

    @property
    def fingerprints(self) -> Fingerprints:
        """The columns of all cached reports, by index."""
        if len(self._fingerprints) != 1:
            self._fingerprints = [concat_fingerprints(self._fingerprints)]
        return self._fingerprints[0]

    def load_shingles(self, slots: Ints) -> Ragged:
        """Load the reports of slots; return their sampled shingles, one row per slot."""
        self.load(slots)
        return self.fingerprints.shingles.take(self.indices_of(slots))

    def scoring_context(self, slots: Ints | None = None) -> ScoringContext:
        """Return what pairs are scored with. Features are by index, or by position in `slots` if given."""
        offsets = Offsets.concat(self._offsets)
        if slots is not None:
            offsets = Offsets(offsets.rows[self.indices_of(slots)])
        reports = RecordList(self.spool, offsets, unpack_report)
        idf_table = self._run.idf_table
        return ScoringContext(idf_table, self._run.model, FeatureCache(reports, idf_table))

    def take_dates(self, slots: Ints) -> tuple[NDArray[np.bytes_], NDArray[np.int32]]:
        """Return the sort keys and day numbers of slots."""
        indices = self.indices_of(slots)
        return np.concatenate(self._date_keys)[indices], np.concatenate(self._days)[indices]


def _fingerprint_chunk(shared: tuple[RecordList[Report], IdfTable, Vocabulary], chunk: range) -> Fingerprints:
    reports, idf_table, vocabulary = shared
    return fingerprint([reports.read(i) for i in chunk], idf_table, vocabulary)


def take_rows(fingerprints: Fingerprints, rows: Ints) -> Fingerprints:
    """Return the given rows of all columns, in the given order."""
    if np.array_equal(rows, np.arange(len(fingerprints))):
        return fingerprints
    columns: dict[str, Any] = {}
    for field in fields(Fingerprints):
        column = getattr(fingerprints, field.name)
        columns[field.name] = column.take(rows) if isinstance(column, Ragged) else column[rows]
    return Fingerprints(**columns)
