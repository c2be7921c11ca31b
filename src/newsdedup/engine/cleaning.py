"""Stages 2 and 3 over the worker processes: articles are cleaned into reports and fingerprinted, chunk by chunk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Hashes, Pairs, Ragged
from newsdedup.clean import RecurringLines, clean_all
from newsdedup.engine.codec import pack_report, unpack_report
from newsdedup.engine.context import ARTICLES_PER_CHUNK, RunContext
from newsdedup.engine.workspace import ColumnFile, Offsets, RecordList, Spool, Workspace
from newsdedup.execution import split_range
from newsdedup.fingerprint import Fingerprints, concat_fingerprints, fingerprint
from newsdedup.hashing import Vocabulary
from newsdedup.idf import IdfTable, hash_word
from newsdedup.models import Article, Report
from newsdedup.related import day_number
from newsdedup.text import date_sort_key

# Bytes of the sort key of a date: enough for any ISO 8601 date; longer values are cut.
SORT_KEY_BYTES = 64


@dataclass(frozen=True)
class CleaningContext:
    """Input of the cleaning workers, and the spool they write reports to."""

    articles: Sequence[Article]
    recurring_lines: RecurringLines
    idf_table: IdfTable
    spool: Spool
    vocabulary: Vocabulary


class _CleanedChunk(NamedTuple):
    """The spooled reports of a chunk and their columns.

    `id_hashes` (n, 2) holds hashes of the article's id and of the article it is a version of (0 if none).
    """

    offsets: Offsets
    fingerprints: Fingerprints
    id_hashes: Hashes
    date_keys: NDArray[np.bytes_]
    days: NDArray[np.int32]


class CleanedReports(NamedTuple):
    """All reports and their columns, as in `_CleanedChunk`."""

    reports: RecordList[Report]
    fingerprints: Fingerprints
    id_hashes: Hashes
    date_keys: NDArray[np.bytes_]
    days: NDArray[np.int32]


def _clean_chunk(context: CleaningContext, chunk: range) -> _CleanedChunk:
    articles = [context.articles[i] for i in chunk]
    reports = clean_all(articles, context.recurring_lines, context.idf_table, context.vocabulary)
    return _CleanedChunk(
        context.spool.add([pack_report(report) for report in reports]),
        fingerprint(reports, context.idf_table, context.vocabulary),
        np.array(
            [(hash_word(x.article_id), hash_word(x.version_of) if x.version_of else 0) for x in articles],
            dtype=np.uint64,
        ).reshape(-1, 2),
        np.array([sort_key(article.published) for article in articles], dtype=np.bytes_),
        np.array([day_number(article.published) for article in articles], dtype=np.int32),
    )


def sort_key(published: str | None) -> bytes:
    """Return a date as bytes that sort like `text.date_sort_key`."""
    return "\n".join(date_sort_key(published)).encode("utf-8", "surrogatepass")[:SORT_KEY_BYTES]


def clean_and_fingerprint(context: CleaningContext, run: RunContext) -> CleanedReports:
    """Clean and fingerprint all articles, in order. Ragged columns are memory-mapped from files of the workspace."""
    columns = _ColumnWriter(run.workspace)
    chunks = []
    tasks = split_range(len(context.articles), ARTICLES_PER_CHUNK) or [range(0)]
    for chunk in run.executor.map(_clean_chunk, context, tasks):
        run.progress.advance(len(chunk.offsets))
        columns.add(chunk.fingerprints)
        chunks.append(chunk._replace(fingerprints=columns.empty))
    return CleanedReports(
        RecordList(context.spool, Offsets.concat([chunk.offsets for chunk in chunks]), unpack_report),
        columns.finish(),
        np.concatenate([chunk.id_hashes for chunk in chunks]),
        np.concatenate([chunk.date_keys for chunk in chunks]),
        np.concatenate([chunk.days for chunk in chunks]),
    )


class _ColumnWriter:
    """Collects the columns of all chunks: ragged columns in files, one-value columns in memory."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._files: dict[str, ColumnFile] = {}
        self._arrays: dict[str, list[NDArray[Any]]] = {}

    def add(self, fingerprints: Fingerprints) -> None:
        """Append the columns of one chunk."""
        for column in fields(Fingerprints):
            values = getattr(fingerprints, column.name)
            if isinstance(values, Ragged):
                if column.name not in self._files:
                    self._files[column.name] = self._workspace.create_column(column.name, values.values.dtype.type)
                self._files[column.name].add(values)
            else:
                self._arrays.setdefault(column.name, []).append(values)

    @property
    def empty(self) -> Fingerprints:
        """Columns with no rows."""
        return concat_fingerprints([])

    def finish(self) -> Fingerprints:
        """Return all columns. At least one chunk must have been added."""
        columns: dict[str, Any] = {name: column.finish() for name, column in self._files.items()}
        columns |= {name: np.concatenate(parts) for name, parts in self._arrays.items()}
        return Fingerprints(**columns)


def version_pairs(id_hashes: Hashes, latest_hashes: Hashes) -> Pairs:
    """Return pairs of an article and its latest version, as indices, shape (n, 2), the smaller one first.

    These are candidate pairs even if they share no shingle. `id_hashes` are hashes of the articles' ids, and
    `latest_hashes` those of the article that each is a version of, 0 for none.
    """
    versions = np.flatnonzero(latest_hashes)
    if not len(versions):
        return np.empty((0, 2), dtype=np.int64)
    order = np.argsort(id_hashes)
    positions = np.minimum(np.searchsorted(id_hashes[order], latest_hashes[versions]), len(order) - 1)
    is_match = (id_hashes[order[positions]] == latest_hashes[versions]) & (order[positions] != versions)
    return np.sort(np.stack([versions[is_match], order[positions][is_match]], axis=1), axis=1)
