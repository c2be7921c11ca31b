"""Articles to reports and the columns over them: stages 2 and 3, a chunk at a time over the workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged
from newsdedup.clean import LineTable, clean_all
from newsdedup.engine.executor import ARTICLES_A_CHUNK, Progress, spread
from newsdedup.engine.workspace import ColumnFile, Offsets, RecordList, Spool, pack_report, unpack_report
from newsdedup.fingerprint import Fingerprints, fingerprint, joined
from newsdedup.hashing import Vocabulary
from newsdedup.idf import Background, hash_word
from newsdedup.models import Article, Report
from newsdedup.related import day_of
from newsdedup.tasks import chunks_of
from newsdedup.text import date_key

# Bytes of a date that decide its place: all of an ISO 8601 date, and no more of what claims to be one.
SORT_KEY_BYTES = 64

Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]


@dataclass(frozen=True)
class Cleaning:
    """What the workers clean with, and where they put the reports."""

    articles: Sequence[Article]
    table: LineTable
    background: Background
    spool: Spool
    vocabulary: Vocabulary


class _CleanedChunk(NamedTuple):
    """Where the reports of a chunk lie, and columns over them.

    `ids` holds hashes of the article's id and of the one that it is a version of (0 where none), shape (n, 2); `empty`
    is how many have no report.
    """

    places: Offsets
    prints: Fingerprints
    ids: Hashes
    dates: NDArray[np.bytes_]
    days: NDArray[np.int32]
    empty: int


class Cleaned(NamedTuple):
    """All reports, columns over them (`ids` as in a chunk), the pairs of an article and its latest version, (n, 2)."""

    reports: RecordList[Report]
    prints: Fingerprints
    ids: Hashes
    versions: Pairs
    dates: NDArray[np.bytes_]
    days: NDArray[np.int32]
    empty: int


def _clean(shared: Cleaning, at: range) -> _CleanedChunk:
    articles = [shared.articles[i] for i in at]
    reports = clean_all(articles, shared.table, shared.background, shared.vocabulary)
    return _CleanedChunk(
        shared.spool.add([pack_report(each) for each in reports]),
        fingerprint(reports, shared.background, shared.vocabulary),
        np.array(
            [(hash_word(x.article_id), hash_word(x.version_of) if x.version_of else 0) for x in articles],
            dtype=np.uint64,
        ).reshape(-1, 2),
        np.array([sort_key(each.published) for each in articles], dtype=np.bytes_),
        np.array([day_of(each.published) for each in articles], dtype=np.int32),
        sum(not each.paragraphs for each in reports),
    )


def sort_key(published: str | None) -> bytes:
    """Return bytes that sort as `text.date_key` does."""
    return "\n".join(date_key(published)).encode("utf-8", "surrogatepass")[:SORT_KEY_BYTES]


def clean_and_fingerprint(shared: Cleaning, folder: Path, workers: int, progress: Progress) -> Cleaned:
    """Clean all articles, in their order; long columns lie in files of `folder`."""
    columns = _Columns(folder)
    chunks = []
    for chunk in spread(_clean, shared, chunks_of(len(shared.articles), ARTICLES_A_CHUNK) or [range(0)], workers):
        progress.advance(len(chunk.places))
        columns.add(chunk.prints)
        chunks.append(chunk._replace(prints=columns.nothing))
    return Cleaned(
        RecordList(shared.spool, Offsets.concat([chunk.places for chunk in chunks]), unpack_report),
        columns.done(),
        ids := np.concatenate([chunk.ids for chunk in chunks]),
        versions_of(ids[:, 0], ids[:, 1]),
        np.concatenate([chunk.dates for chunk in chunks]),
        np.concatenate([chunk.days for chunk in chunks]),
        sum(chunk.empty for chunk in chunks),
    )


class _Columns:
    """The columns of all reports while they grow: long ones in files of `folder`, one number a report in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._long: dict[str, ColumnFile] = {}
        self._short: dict[str, list[NDArray[Any]]] = {}

    def add(self, prints: Fingerprints) -> None:
        """Append the columns of a chunk."""
        for each in fields(Fingerprints):
            found = getattr(prints, each.name)
            if isinstance(found, Ragged):
                if each.name not in self._long:
                    self._long[each.name] = ColumnFile(self._folder, each.name, found.values.dtype.type)
                self._long[each.name].add(found)
            else:
                self._short.setdefault(each.name, []).append(found)

    @property
    def nothing(self) -> Fingerprints:
        """Columns of no report."""
        return joined([])

    def done(self) -> Fingerprints:
        """Return all columns; at least one chunk must have been added."""
        whole: dict[str, Any] = {name: column.done() for name, column in self._long.items()}
        whole |= {name: np.concatenate(parts) for name, parts in self._short.items()}
        return Fingerprints(**whole)


def versions_of(names: Hashes, latest: Hashes) -> Pairs:
    """Return the pairs of versions of one article, the smaller place first: worth scoring whatever they share.

    `names` are hashes of the articles' ids, `latest` those of the articles that they are versions of, 0 for none.
    """
    old = np.flatnonzero(latest)
    if not len(old):
        return np.empty((0, 2), dtype=np.int64)
    order = np.argsort(names)
    at = np.minimum(np.searchsorted(names[order], latest[old]), len(order) - 1)
    known = (names[order[at]] == latest[old]) & (order[at] != old)
    return np.sort(np.stack([old[known], order[at][known]], axis=1), axis=1)
