"""The features of reports, computed when pairs of them are scored."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from newsdedup.engine.workspace import LazySequence
from newsdedup.features import ReportFeatures, SentencePreparer, build_features
from newsdedup.idf import IdfTable
from newsdedup.models import Report

# Reports whose features a process caches while it scores pairs: about 50 kB each.
FEATURE_CACHE_SIZE = 1000


class FeatureCache(LazySequence[ReportFeatures]):
    """The features of spooled reports, computed on access; the most recently used ones are cached."""

    def __init__(self, reports: Sequence[Report], idf_table: IdfTable) -> None:
        self.reports = reports
        self._cache: OrderedDict[int, ReportFeatures] = OrderedDict()
        self._preparer = SentencePreparer(idf_table)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_cache": OrderedDict(), "_preparer": SentencePreparer(self._preparer.idf_table)}

    def __len__(self) -> int:
        return len(self.reports)

    def read(self, index: int) -> ReportFeatures:
        """Return the features of the report at an index."""
        features = self._cache.get(index)
        if features is None:
            features = self._cache[index] = build_features(self.reports[index], self._preparer)
            if len(self._cache) > FEATURE_CACHE_SIZE:
                self._cache.popitem(last=False)
        else:
            self._cache.move_to_end(index)
        return features
