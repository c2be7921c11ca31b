"""Loads the input into articles in content order, each with a unique id; their texts are spooled to disk.

A few numbers per article stay in memory: hashes of its content, id, outlet and lines, and the offset of its record.
`readers.resolve_ids` resolves equal ids; only articles that share an id are passed to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, argsort_hashes, concat_rows, ragged_from_rows
from newsdedup.clean import RecurringLines
from newsdedup.clean.outlet_boilerplate import (
    build_recurring_lines,
    coarse_line_keys,
    find_recurring_keys,
    select_carriers,
)
from newsdedup.config import Config
from newsdedup.engine.executor import ARTICLES_PER_CHUNK, Progress, map_chunks
from newsdedup.engine.workspace import Ints, Offsets, RecordList, Spool, Workspace, pack_article, unpack_article
from newsdedup.errors import InputError
from newsdedup.idf import hash_word
from newsdedup.models import Article, Loaded, Rejected, Skipped
from newsdedup.readers import Loading, Part, load_part, resolve_ids
from newsdedup.readers.parts import BLOCK_BYTES
from newsdedup.text import split_words

# Small files per task of a worker, at most.
FILES_PER_TASK = 100
# Articles with shared ids that are in memory at a time, about.
SAME_ID_BATCH = 10_000

Hashes = NDArray[np.uint64]


class Articles(RecordList[Article]):
    """The articles of a run in content order, read from disk on access, under the ids assigned to them.

    `assigned_ids` maps the index of an article that got another id to its new id and the id it is a version of.
    """

    def __init__(self, spool: Spool, offsets: Offsets, assigned_ids: Mapping[int, tuple[str, str | None]]) -> None:
        super().__init__(spool, offsets, unpack_article)
        self.assigned_ids = assigned_ids

    def read_as_loaded(self, index: int) -> Article:
        """Return an article under the id it was loaded with."""
        return super().read(index)

    def read(self, index: int) -> Article:
        """Return an article."""
        article = super().read(index)
        if (ids := self.assigned_ids.get(index)) is not None:
            return replace(article, article_id=ids[0], version_of=ids[1])
        return article


@dataclass(frozen=True)
class LoadedBatch:
    """The loaded articles, as in `readers.UniqueArticles`, with texts on disk.

    Columns over `articles`: `content_hashes` (n, 2) the content hashes as two numbers, `id_hashes` hashes of the ids
    they were loaded with, `outlet_hashes` hashes of the outlets (0 if unknown), `has_title` whether the title has
    words, `line_keys` the keys of the lines. The last two are filled only for articles with an outlet.
    """

    articles: Articles
    content_hashes: Hashes
    id_hashes: Hashes
    outlet_hashes: Hashes
    has_title: NDArray[np.bool_]
    line_keys: Ragged
    repeated: int
    rejected: tuple[Rejected, ...]
    skipped: int
    warnings: tuple[str, ...]


class LoadedChunk(NamedTuple):
    """A spooled chunk of the input, in input order. Columns as in `LoadedBatch`."""

    offsets: Offsets
    content_hashes: Hashes
    id_hashes: Hashes
    outlet_hashes: Hashes
    has_title: NDArray[np.bool_]
    line_keys: Ragged
    rejected: list[Rejected]
    skipped: int


def load_batch(items: Iterable[Loaded], workspace: Workspace, workers: int, progress: Progress) -> LoadedBatch:
    """Load all `items` into a spool of `workspace` and assign ids. The workers read the files of a `Loading`.

    Raises InputError for an item that is not an article.
    """
    spool = workspace.open_spool("articles")
    return assign_ids(spool_items(items, spool, workspace, workers, progress), spool)


def spool_items(
    items: Iterable[Loaded], spool: Spool, workspace: Workspace, workers: int, progress: Progress
) -> LoadedChunk:
    """Load all `items` into `spool`, as `load_batch` does, but keep the ids they were loaded with."""
    progress.stage("load", None)
    parts = items.iter_parts(workspace.folder) if isinstance(items, Loading) else None
    loaded: list[LoadedChunk] = []
    chunks: Iterable[LoadedChunk]
    if parts is not None and isinstance(items, Loading):
        chunks = map_chunks(_load_parts, (items.config, spool), _batch_parts(parts), workers)
    else:
        chunks = map(partial(spool_chunk, spool), _split_chunks(items, ARTICLES_PER_CHUNK))
    for chunk in chunks:
        progress.advance(len(chunk.offsets) + len(chunk.rejected))
        loaded.append(chunk)
    return concat_chunks(loaded)


def _batch_parts(parts: Iterable[Part | Rejected | Skipped]) -> Iterator[list[Part | Rejected | Skipped]]:
    """Yield batches of parts, so that thousands of small files become few tasks."""
    batch: list[Part | Rejected | Skipped] = []
    size = 0
    for part in parts:
        part_size = part.size if isinstance(part, Part) else 0
        if batch and (size + part_size > BLOCK_BYTES or len(batch) >= FILES_PER_TASK):
            yield batch
            batch, size = [], 0
        batch.append(part)
        size += part_size
    if batch:
        yield batch


def _load_parts(shared: tuple[Config, Spool], parts: Sequence[Part | Rejected | Skipped]) -> LoadedChunk:
    config, spool = shared
    items = (item for part in parts for item in (load_part(part, config) if isinstance(part, Part) else (part,)))
    return concat_chunks([spool_chunk(spool, chunk) for chunk in _split_chunks(items, ARTICLES_PER_CHUNK)])


def _split_chunks(items: Iterable[Loaded], size: int) -> Iterator[list[Loaded]]:
    chunk: list[Loaded] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def spool_chunk(spool: Spool, items: Sequence[Loaded]) -> LoadedChunk:
    """Write the articles among `items` to `spool`. Raises InputError for an item that is not an article."""
    articles: list[Article] = []
    rejected: list[Rejected] = []
    for item in items:
        if isinstance(item, Article):
            articles.append(item)
        elif isinstance(item, Rejected):
            rejected.append(item)
        elif not isinstance(item, Skipped):
            kind = type(item).__name__
            raise InputError(
                f"dedupe expects articles, not {kind}: pass load([...]), or create articles with Article.of(id, text)"
            )
    return LoadedChunk(
        spool.add([pack_article(article) for article in articles]),
        np.frombuffer(b"".join(bytes.fromhex(article.content_hash) for article in articles) or b"", dtype=">u8")
        .astype(np.uint64)
        .reshape(-1, 2),
        np.array([hash_word(article.article_id) for article in articles], dtype=np.uint64),
        np.array([hash_word(article.outlet) if article.outlet else 0 for article in articles], dtype=np.uint64),
        np.array([bool(article.outlet and split_words(article.title or "")) for article in articles], dtype=np.bool_),
        ragged_from_rows([coarse_line_keys(article) for article in articles], np.uint64),
        rejected,
        len(items) - len(articles) - len(rejected),
    )


def concat_chunks(chunks: Sequence[LoadedChunk]) -> LoadedChunk:
    """Return all chunks as one chunk."""
    no_hashes = np.empty(0, dtype=np.uint64)
    return LoadedChunk(
        Offsets.concat([chunk.offsets for chunk in chunks]),
        np.concatenate([no_hashes.reshape(0, 2), *(chunk.content_hashes for chunk in chunks)]),
        np.concatenate([no_hashes, *(chunk.id_hashes for chunk in chunks)]),
        np.concatenate([no_hashes, *(chunk.outlet_hashes for chunk in chunks)]),
        np.concatenate([np.empty(0, dtype=np.bool_), *(chunk.has_title for chunk in chunks)]),
        concat_rows([chunk.line_keys for chunk in chunks], np.uint64),
        [item for chunk in chunks for item in chunk.rejected],
        sum(chunk.skipped for chunk in chunks),
    )


class _IdHashes:
    """A container of ids that stores only their hashes."""

    def __init__(self, id_hashes: Hashes) -> None:
        self._sorted = np.sort(id_hashes)

    def __contains__(self, article_id: object) -> bool:
        id_hash = np.uint64(hash_word(str(article_id)))
        position = int(np.searchsorted(self._sorted, id_hash))
        return position < len(self._sorted) and bool(self._sorted[position] == id_hash)


def assign_ids(chunk: LoadedChunk, spool: Spool, other_ids: Hashes | None = None) -> LoadedBatch:
    """Give every article a unique id and sort all articles by content, with the rules of `readers.resolve_ids`.

    `other_ids` are hashes of ids that articles outside the chunk have.
    """
    loaded = RecordList(spool, chunk.offsets, unpack_article)
    is_kept = np.ones(len(loaded), dtype=bool)
    assigned_ids: dict[int, tuple[str, str | None]] = {}
    warnings: list[str] = []
    id_hashes = _IdHashes(chunk.id_hashes if other_ids is None else np.concatenate([chunk.id_hashes, other_ids]))
    for group in _group_by_id(chunk.id_hashes):
        articles = {index: loaded[index] for index in group}
        resolved = resolve_ids(articles.values(), id_hashes)
        warnings.extend(resolved.warnings)
        is_kept[group] = False
        by_record: dict[tuple[str, str, int], list[int]] = {}
        for index, article in articles.items():
            by_record.setdefault((article.content_hash, article.path, article.record), []).append(index)
        for article in resolved.articles:
            copies = by_record[article.content_hash, article.path, article.record]
            matches = (index for index in copies if _with_ids_of(articles[index], article) == article)
            index = next(matches)
            copies.remove(index)
            is_kept[index] = True
            if article != articles[index]:
                assigned_ids[index] = (article.article_id, article.version_of)
    order = order_by_content(
        np.flatnonzero(is_kept), chunk.content_hashes, Articles(spool, chunk.offsets, assigned_ids)
    )
    new_index = (
        {int(index): position for position, index in enumerate(order) if int(index) in assigned_ids}
        if assigned_ids
        else {}
    )
    return LoadedBatch(
        Articles(
            spool, Offsets(chunk.offsets.rows[order]), {new_index[index]: name for index, name in assigned_ids.items()}
        ),
        chunk.content_hashes[order],
        chunk.id_hashes[order],
        chunk.outlet_hashes[order],
        chunk.has_title[order],
        chunk.line_keys.take(order),
        len(loaded) - len(order),
        tuple(sorted(chunk.rejected, key=lambda r: (r.path, r.record, r.reason))),
        chunk.skipped,
        tuple(sorted(warnings)),
    )


def _with_ids_of(article: Article, like: Article) -> Article:
    return replace(article, article_id=like.article_id, version_of=like.version_of)


def _group_by_id(id_hashes: Hashes) -> Iterator[list[int]]:
    """Yield the indices of articles that share an id, about SAME_ID_BATCH at a time; an id is never split."""
    order = np.argsort(id_hashes, kind="stable")
    sorted_ids = id_hashes[order]
    starts = (
        np.flatnonzero(np.concatenate(([True], sorted_ids[1:] != sorted_ids[:-1])))
        if len(id_hashes)
        else np.empty(0, np.int64)
    )
    sizes = np.diff(np.concatenate((starts, [len(id_hashes)])))
    group: list[int] = []
    for run in np.flatnonzero(sizes > 1):
        group.extend(order[starts[run] : starts[run] + sizes[run]].tolist())
        if len(group) >= SAME_ID_BATCH:
            yield group
            group = []
    if group:
        yield group


class Orderable(Protocol):
    """What articles with equal content are sorted by."""

    @property
    def article_id(self) -> str:
        """The unique id."""

    @property
    def path(self) -> str:
        """The file it was read from."""

    @property
    def record(self) -> int:
        """Its record number in the file."""


def order_by_content(
    indices: Ints, content_hashes: Hashes, articles: Sequence[Orderable] | Mapping[int, Orderable]
) -> Ints:
    """Return `indices` sorted by content hash; articles with equal content by id, path and record."""
    order, is_first = argsort_hashes(content_hashes[indices])
    order = indices[order]
    is_repeat = np.append(~is_first, False)
    starts, ends = np.flatnonzero(~is_repeat[:-1] & is_repeat[1:]), np.flatnonzero(is_repeat[:-1] & ~is_repeat[1:])
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        run = order[start : end + 1].tolist()
        keys = {
            index: (article.article_id, article.path, article.record) for index in run for article in (articles[index],)
        }
        order[start : end + 1] = sorted(run, key=keys.__getitem__)
    return order


def find_recurring_lines(batch: LoadedBatch) -> RecurringLines:
    """Return the lines that outlets repeat on their pages. Reads only articles that contain such lines."""
    with_outlet = np.flatnonzero(batch.outlet_hashes)
    _, outlets, page_counts = np.unique(batch.outlet_hashes[with_outlet], return_inverse=True, return_counts=True)
    keys = batch.line_keys.take(with_outlet)
    recurring = find_recurring_keys(keys.values, keys.sizes, outlets)
    carrier_indices = select_carriers(
        keys.values, keys.sizes, outlets, batch.has_title[with_outlet], recurring
    ).tolist()
    articles = [batch.articles.read(int(with_outlet[index])) for index in carrier_indices]
    sizes = {
        str(article.outlet): int(page_counts[outlets[index]])
        for index, article in zip(carrier_indices, articles, strict=True)
    }
    return build_recurring_lines(articles, sizes, frozenset(recurring.tolist()))
