"""Loads the input into articles in content order, each with a unique id; their texts are spooled to disk.

A few numbers per article stay in memory: hashes of its content, id, outlet and lines, and the offset of its record.
`readers.resolve_ids` resolves equal ids; only articles that share an id are passed to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np

from newsdedup.arrays import (
    Flags,
    Hashes,
    Ints,
    Ragged,
    concat_columns,
    concat_ranges,
    ragged_from_rows,
    run_starts_and_sizes,
    take_rows,
)
from newsdedup.clean.outlet_boilerplate import coarse_line_keys
from newsdedup.config import Config
from newsdedup.engine.codec import pack_article, unpack_article
from newsdedup.engine.context import ARTICLES_PER_CHUNK, RunContext
from newsdedup.engine.state import order_by_content
from newsdedup.engine.workspace import Offsets, RecordList, Spool
from newsdedup.execution import split_by_size
from newsdedup.idf import hash_word
from newsdedup.models import Article, Item, Loaded, Rejected, Skipped
from newsdedup.readers import Loading, Part, load_part, read_items, resolve_ids
from newsdedup.readers.parts import BLOCK_BYTES
from newsdedup.text import split_words

# Maximum number of small files in one task of a worker.
FILES_PER_TASK = 100
# Approximate number of articles with shared ids that are in memory at a time.
SAME_ID_BATCH = 10_000


class Articles(RecordList[Article]):
    """The articles of a run in content order, read from disk on access, under the ids assigned to them.

    `assigned_ids` maps the index of an article that got another id to its new id and the id it is a version of.
    """

    def __init__(self, spool: Spool, offsets: Offsets, assigned_ids: Mapping[int, tuple[str, str | None]]) -> None:
        super().__init__(spool, offsets, unpack_article)
        self.assigned_ids = assigned_ids

    def take(self, indices: Ints) -> Articles:
        """Return the articles at some indices."""
        ids = self.assigned_ids
        new_ids = {new: ids[index] for new, index in enumerate(indices.tolist()) if index in ids} if ids else {}
        return Articles(self.spool, self.offsets[indices], new_ids)

    def read_as_loaded(self, index: int) -> Article:
        """Return an article under the id it was loaded with."""
        return super().read(index)

    def read(self, index: int) -> Article:
        """Return an article."""
        article, ids = super().read(index), self.assigned_ids.get(index)
        return article if ids is None else _assign(article, ids)


def _assign(article: Article, ids: tuple[str, str | None]) -> Article:
    """Return the article with another id, and another id of the article that it is a version of."""
    return replace(article, article_id=ids[0], version_of=ids[1])


@dataclass(frozen=True)
class LoadedColumns:
    """Columns over loaded articles.

    `content_hashes` (n, 2) are the content hashes as two numbers, `id_hashes` hashes of the ids they were loaded with,
    `outlet_hashes` hashes of the outlets (0 if unknown). `has_title`, whether the title has words, and `line_keys`, the
    keys of the lines, are filled only for articles with an outlet.
    """

    content_hashes: Hashes
    id_hashes: Hashes
    outlet_hashes: Hashes
    has_title: Flags
    line_keys: Ragged


@dataclass(frozen=True)
class LoadedBatch:
    """The loaded articles, as in `readers.UniqueArticles`, with texts on disk, and columns over them.

    `positions` are the numbers of the articles in the order of loading.
    """

    articles: Articles
    positions: Ints
    columns: LoadedColumns
    repeated: int
    rejected: tuple[Rejected, ...]
    skipped: int
    warnings: tuple[str, ...]


class LoadedChunk(NamedTuple):
    """A spooled chunk of the input, in input order."""

    offsets: Offsets
    columns: LoadedColumns
    rejected: list[Rejected]
    skipped: int


def spool_items(items: Iterable[Item], spool: Spool, run: RunContext) -> LoadedChunk:
    """Load all `items` into `spool` under the ids they were loaded with. The workers read the files of a `Loading`.

    Raises InputError for an item that cannot be used (`readers.read_items`).
    """
    run.progress.stage("load", None)
    loaded = [spool_chunk(spool, ())]
    chunks: Iterable[LoadedChunk]
    if isinstance(items, Loading) and (parts := items.iter_parts(run.workspace.folder)) is not None:
        chunks = run.executor.map(_load_parts, (items.config, spool), _batch_parts(parts))
    else:
        chunks = map(partial(spool_chunk, spool), _split_chunks(read_items(items, run.config), ARTICLES_PER_CHUNK))
    for chunk in chunks:
        run.progress.advance(len(chunk.offsets) + len(chunk.rejected))
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
    chunks = [spool_chunk(spool, chunk) for chunk in _split_chunks(items, ARTICLES_PER_CHUNK)]
    return concat_chunks(chunks or [spool_chunk(spool, ())])


def _split_chunks(items: Iterable[Loaded], size: int) -> Iterator[list[Loaded]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk


def spool_chunk(spool: Spool, items: Sequence[Loaded]) -> LoadedChunk:
    """Write the articles among `items` to `spool`."""
    articles = [item for item in items if isinstance(item, Article)]
    rejected = [item for item in items if isinstance(item, Rejected)]
    content_hashes = np.frombuffer(bytes.fromhex("".join(article.content_hash for article in articles)), dtype=">u8")
    columns = LoadedColumns(
        content_hashes.astype(np.uint64).reshape(-1, 2),
        np.array([hash_word(article.article_id) for article in articles], dtype=np.uint64),
        np.array([hash_word(article.outlet) if article.outlet else 0 for article in articles], dtype=np.uint64),
        np.array([bool(article.outlet and split_words(article.title or "")) for article in articles], dtype=np.bool_),
        ragged_from_rows([coarse_line_keys(article) for article in articles], np.uint64),
    )
    offsets = spool.add([pack_article(article) for article in articles])
    return LoadedChunk(offsets, columns, rejected, len(items) - len(articles) - len(rejected))


def concat_chunks(chunks: Sequence[LoadedChunk]) -> LoadedChunk:
    """Return at least one chunk as one chunk."""
    return LoadedChunk(
        np.concatenate([chunk.offsets for chunk in chunks]),
        concat_columns([chunk.columns for chunk in chunks]),
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


def assign_ids(
    chunk: LoadedChunk, spool: Spool, other_ids: Hashes | None = None, *, keep_repeats: bool = False
) -> LoadedBatch:
    """Give every article a unique id and sort all articles by content, with the rules of `readers.resolve_ids`.

    `other_ids` are hashes of ids that articles outside the chunk have. With `keep_repeats`, a record that repeats
    another one is kept under an id of its own.
    """
    id_hashes, content_hashes = chunk.columns.id_hashes, chunk.columns.content_hashes
    assigned_ids: dict[int, tuple[str, str | None]] = {}
    loaded = Articles(spool, chunk.offsets, assigned_ids)
    is_kept = np.ones(len(loaded), dtype=bool)
    warnings: list[str] = []
    all_ids = _IdHashes(id_hashes if other_ids is None else np.concatenate([id_hashes, other_ids]))
    for group in _group_by_id(id_hashes):
        articles = {index: loaded.read_as_loaded(index) for index in group}
        resolved = resolve_ids(articles.values(), all_ids)
        warnings.extend(resolved.warnings)
        unresolved = _match_records(articles, resolved.articles, assigned_ids)
        for index in unresolved if keep_repeats else ():
            article = articles[index]
            assigned_ids[index] = (f"{article.article_id}~{article.path}#{article.record}", article.version_of)
        is_kept[[] if keep_repeats else unresolved] = False
    order = order_by_content(np.flatnonzero(is_kept), content_hashes, loaded)
    return LoadedBatch(
        loaded.take(order),
        order,
        take_rows(chunk.columns, order),
        len(loaded) - len(order),
        tuple(sorted(chunk.rejected, key=lambda r: (r.path, r.record, r.reason))),
        chunk.skipped,
        tuple(sorted(warnings)),
    )


def _match_records(
    articles: Mapping[int, Article], resolved: Iterable[Article], assigned_ids: dict[int, tuple[str, str | None]]
) -> list[int]:
    """Note the ids that changed in `assigned_ids`; return the indices of the articles that are not among `resolved`."""
    by_record: dict[tuple[str, str, int], list[int]] = {}
    for index, article in articles.items():
        by_record.setdefault((article.content_hash, article.path, article.record), []).append(index)
    for article in resolved:
        copies = by_record[article.content_hash, article.path, article.record]
        ids = article.article_id, article.version_of
        index = next(index for index in copies if _assign(articles[index], ids) == article)
        copies.remove(index)
        if article != articles[index]:
            assigned_ids[index] = ids
    return sorted(index for copies in by_record.values() for index in copies)


def _group_by_id(id_hashes: Hashes) -> Iterator[list[int]]:
    """Yield the indices of articles that share an id, about SAME_ID_BATCH at a time; an id is never split."""
    order = np.argsort(id_hashes, kind="stable")
    starts, sizes = run_starts_and_sizes(id_hashes[order])
    starts, sizes = starts[sizes > 1], sizes[sizes > 1]
    for runs in split_by_size(sizes.tolist(), SAME_ID_BATCH):
        group = slice(runs.start, runs.stop)
        yield order[concat_ranges(starts[group], sizes[group])].tolist()
