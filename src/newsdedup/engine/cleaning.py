"""Stages 2 and 3 over the worker processes: articles are cleaned into reports and fingerprinted, chunk by chunk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Hashes, Ints, Ragged, concat_columns, take_rows
from newsdedup.clean import RecurringLines, clean_all
from newsdedup.engine.codec import pack_report
from newsdedup.engine.context import ARTICLES_PER_CHUNK, RunContext
from newsdedup.engine.workspace import ColumnFile, Offsets, Spool, Workspace
from newsdedup.execution import split_range
from newsdedup.fingerprint import Fingerprints, fingerprint
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


@dataclass(frozen=True)
class ReportColumns:
    """Columns over spooled reports: their offsets, their fingerprints, and their dates as sort keys and day numbers."""

    offsets: Offsets
    fingerprints: Fingerprints
    date_keys: NDArray[np.bytes_]
    days: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.offsets)

    def take(self, rows: Ints) -> ReportColumns:
        """Return the given rows; if these are all rows in order, nothing is copied into memory."""
        return self if np.array_equal(rows, np.arange(len(self))) else take_rows(self, rows)


def build_columns(
    reports: Sequence[Report], offsets: Offsets, idf_table: IdfTable, vocabulary: Vocabulary
) -> ReportColumns:
    """Return the columns of reports that are spooled at `offsets`."""
    dates = [report.article.published for report in reports]
    return ReportColumns(
        offsets,
        fingerprint(reports, idf_table, vocabulary),
        np.array([sort_key(date) for date in dates], dtype=np.bytes_),
        np.array([day_number(date) for date in dates], dtype=np.int32),
    )


def sort_key(published: str | None) -> bytes:
    """Return a date as bytes that sort like `text.date_sort_key`."""
    return "\n".join(date_sort_key(published)).encode("utf-8", "surrogatepass")[:SORT_KEY_BYTES]


def clean_and_fingerprint(context: CleaningContext, run: RunContext) -> tuple[ReportColumns, Hashes]:
    """Clean and fingerprint all articles, in order. Ragged columns are memory-mapped from files of the workspace.

    Returns the columns of the reports, and for each article the hashes, shape (n, 2), of its id and of the id of the
    article that it is a version of (0 if none).
    """
    files: dict[str, ColumnFile] = {}
    chunks, id_hashes = [], []
    tasks = split_range(len(context.articles), ARTICLES_PER_CHUNK) or [range(0)]
    for columns, chunk_hashes in run.executor.map(_clean_chunk, context, tasks):
        run.progress.advance(len(columns))
        chunks.append(replace(columns, fingerprints=_move_to_files(columns.fingerprints, files, run.workspace)))
        id_hashes.append(chunk_hashes)
    columns = concat_columns(chunks)
    mapped: dict[str, Any] = {name: file.finish() for name, file in files.items()}
    return replace(columns, fingerprints=replace(columns.fingerprints, **mapped)), np.concatenate(id_hashes)


def _clean_chunk(context: CleaningContext, chunk: range) -> tuple[ReportColumns, Hashes]:
    articles = [context.articles[i] for i in chunk]
    reports = clean_all(articles, context.recurring_lines, context.idf_table, context.vocabulary)
    offsets = context.spool.add([pack_report(report) for report in reports])
    ids = [(hash_word(x.article_id), hash_word(x.version_of) if x.version_of else 0) for x in articles]
    columns = build_columns(reports, offsets, context.idf_table, context.vocabulary)
    return columns, np.array(ids, dtype=np.uint64).reshape(-1, 2)


def _move_to_files(fingerprints: Fingerprints, files: dict[str, ColumnFile], workspace: Workspace) -> Fingerprints:
    """Append the ragged columns to files; return the columns with no rows in place of these."""
    emptied: dict[str, Any] = {}
    for field in fields(fingerprints):
        if isinstance(rows := getattr(fingerprints, field.name), Ragged):
            if field.name not in files:
                files[field.name] = workspace.create_column(field.name, rows.values.dtype.type)
            files[field.name].add(rows)
            emptied[field.name] = rows.take([])
    return replace(fingerprints, **emptied)
