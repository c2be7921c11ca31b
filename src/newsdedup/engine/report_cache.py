"""The reports and columns that an update needs: those of arriving articles, and stored ones loaded on demand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from newsdedup.arrays import Ints, Ragged, concat_columns, sorted_unique
from newsdedup.engine.cleaning import ReportColumns, build_columns
from newsdedup.engine.codec import pack_report, unpack_report
from newsdedup.engine.context import RunContext
from newsdedup.engine.corpus import Corpus
from newsdedup.engine.feature_cache import FeatureCache
from newsdedup.engine.matching import ScoringContext
from newsdedup.engine.workspace import Offsets, RecordList
from newsdedup.execution import split_range
from newsdedup.fingerprint import Fingerprints
from newsdedup.hashing import Vocabulary
from newsdedup.idf import IdfTable
from newsdedup.models import Report

# Reports that are loaded from the corpus at a time, and those per fingerprinting task.
_REPORTS_PER_LOAD = 5000
_FINGERPRINT_CHUNK = 50


class ReportCache:
    """Spooled reports and their columns by slot. Each has an index, in the order of loading."""

    def __init__(self, corpus: Corpus, run: RunContext) -> None:
        self._corpus = corpus
        self._run = run
        self.spool = run.workspace.open_spool("reports")
        self._parts: list[ReportColumns] = []
        self._index_of = np.full(1, -1, dtype=np.int64)  # the last entry stands for all slots that follow

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def add(self, slots: Ints, columns: ReportColumns) -> None:
        """Add the columns of reports that are in the spool already."""
        missing_slots = int(slots.max(initial=-1)) + 2 - len(self._index_of)
        self._index_of = np.append(self._index_of, np.full(max(missing_slots, 0), -1))
        self._index_of[slots] = len(self) + np.arange(len(slots))
        self._parts.append(columns)

    def load(self, slots: Ints) -> None:
        """Load the reports of slots that are not in the cache yet."""
        requested = sorted_unique(slots)
        missing = requested[self._find_indices(requested) < 0]
        for chunk in split_range(len(missing), _REPORTS_PER_LOAD):
            self._load_missing(missing[chunk.start : chunk.stop].tolist())

    def _load_missing(self, missing: Sequence[int]) -> None:
        slots, records = [], []
        for slot, report in self._corpus.load_reports(missing):
            slots.append(slot)
            records.append(pack_report(report))
        reports = RecordList(self.spool, self.spool.add(records), unpack_report)
        chunks = split_range(len(reports), _FINGERPRINT_CHUNK) or [range(0)]
        parts = self._run.executor.map(_build_chunk, (reports, self._run.idf_table, Vocabulary()), chunks)
        self.add(np.array(slots, dtype=np.int64), concat_columns(list(parts)))

    def indices_of(self, slots: Ints) -> Ints:
        """Return the indices of slots, in the shape of `slots`; raises KeyError for one that is not in the cache."""
        indices = self._find_indices(slots)
        if (indices < 0).any():
            raise KeyError(int(slots[indices < 0][0]))
        return indices

    def _find_indices(self, slots: Ints) -> Ints:
        """Return the indices of slots, -1 for one that is not in the cache."""
        return self._index_of[np.minimum(slots, len(self._index_of) - 1)]

    @property
    def columns(self) -> ReportColumns:
        """The columns of all cached reports, by index."""
        if len(self._parts) != 1:
            no_reports = build_columns([], self.spool.add([]), self._run.idf_table, Vocabulary())
            self._parts = [concat_columns(self._parts or [no_reports])]
        return self._parts[0]

    @property
    def fingerprints(self) -> Fingerprints:
        """The fingerprints of all cached reports, by index."""
        return self.columns.fingerprints

    def load_shingles(self, slots: Ints) -> Ragged:
        """Load the reports of slots; return their sampled shingles, one row per slot."""
        self.load(slots)
        return self.fingerprints.shingles.take(self.indices_of(slots))

    def scoring_context(self, offsets: Offsets | None = None) -> ScoringContext:
        """Return what the reports at `offsets` (by default all of the cache, by index) are scored with."""
        reports = RecordList(self.spool, self.columns.offsets if offsets is None else offsets, unpack_report)
        idf_table = self._run.idf_table
        return ScoringContext(idf_table, self._run.model, FeatureCache(reports, idf_table))


def _build_chunk(shared: tuple[RecordList[Report], IdfTable, Vocabulary], chunk: range) -> ReportColumns:
    reports, idf_table, vocabulary = shared
    offsets = reports.offsets[chunk.start : chunk.stop]
    return build_columns([reports.read(i) for i in chunk], offsets, idf_table, vocabulary)
