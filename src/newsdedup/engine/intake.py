"""Input to articles in content order, each under an id of its own, their texts on disk.

Of every article a few numbers stay in memory: hashes of its content, its id, its outlet and its lines, and where its
record lies. `load.identify` decides which articles are one; it is shown only those that share an id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, by_hash, ragged, stacked
from newsdedup.clean import LineTable
from newsdedup.clean.outlet_boilerplate import carriers, line_keys, recurring_keys, table_of
from newsdedup.config import Config
from newsdedup.engine.executor import ARTICLES_A_CHUNK, Progress, spread
from newsdedup.engine.workspace import Ints, Offsets, RecordList, Spool, Workspace, pack_article, unpack_article
from newsdedup.errors import InputError
from newsdedup.idf import hash_word
from newsdedup.models import Article, Loaded, Rejected, Skipped
from newsdedup.readers import Loading, Part, identify, load_part
from newsdedup.readers.parts import BLOCK_BYTES
from newsdedup.text import words

# Files that a worker loads at a time, where they are small.
FILES_A_TASK = 100
# Articles of shared ids that are held at a time.
SHARERS = 10_000

Hashes = NDArray[np.uint64]


class Articles(RecordList[Article]):
    """The articles of a run in content order, read from disk at each asking, under the ids that they were given."""

    def __init__(self, spool: Spool, places: Offsets, renamed: Mapping[int, tuple[str, str | None]]) -> None:
        super().__init__(spool, places, unpack_article)
        self.renamed = renamed

    def as_loaded(self, at: int) -> Article:
        """Return an article under the id that it came with."""
        return super().read(at)

    def read(self, at: int) -> Article:
        """Return an article."""
        found = super().read(at)
        if (name := self.renamed.get(at)) is not None:
            return replace(found, article_id=name[0], version_of=name[1])
        return found


@dataclass(frozen=True)
class TakenIn:
    """What was loaded, as `load.Identified` has it, but for the texts.

    Columns over `articles`: `content` their content hashes as two numbers, shape (n, 2), `ids` hashes of the ids that
    they were loaded with, `outlets` a hash of the outlet (0 where none is known), `titled` whether the title has words,
    `lines` the keys of the lines; the last two of those with an outlet only.
    """

    articles: Articles
    content: Hashes
    ids: Hashes
    outlets: Hashes
    titled: NDArray[np.bool_]
    lines: Ragged
    repeated: int
    rejected: tuple[Rejected, ...]
    skipped: int
    warnings: tuple[str, ...]


class Chunk(NamedTuple):
    """What is kept of a chunk of the input, in its order; see `TakenIn`. `ids` are hashes of the ids as loaded."""

    places: Offsets
    content: Hashes
    ids: Hashes
    outlets: Hashes
    titled: NDArray[np.bool_]
    lines: Ragged
    rejected: list[Rejected]
    skipped: int


def take_in(items: Iterable[Loaded], workspace: Workspace, workers: int, progress: Progress) -> TakenIn:
    """Load all `items` into a spool of `workspace`; what `load` returns is loaded by the workers.

    Raises InputError for what is no article.
    """
    spool = workspace.spool("articles")
    return identified(read_in(items, spool, workspace, workers, progress), spool)


def read_in(items: Iterable[Loaded], spool: Spool, workspace: Workspace, workers: int, progress: Progress) -> Chunk:
    """Load all `items` into `spool`, as `take_in` does, and leave every article the id that it came with."""
    progress.stage("load", None)
    parts = items.parts(workspace.folder) if isinstance(items, Loading) else None
    found: list[Chunk] = []
    chunks: Iterable[Chunk]
    if parts is not None and isinstance(items, Loading):
        chunks = spread(_load, (items.config, spool), _tasks(parts), workers)
    else:
        chunks = map(partial(keep, spool), _chunked(items, ARTICLES_A_CHUNK))
    for chunk in chunks:
        progress.advance(len(chunk.places) + len(chunk.rejected))
        found.append(chunk)
    return chained(found)


def _tasks(parts: Iterable[Part | Rejected | Skipped]) -> Iterator[list[Part | Rejected | Skipped]]:
    """Yield parts by the handful, so that thousands of small files are few tasks."""
    task: list[Part | Rejected | Skipped] = []
    size = 0
    for part in parts:
        more = part.size if isinstance(part, Part) else 0
        if task and (size + more > BLOCK_BYTES or len(task) >= FILES_A_TASK):
            yield task
            task, size = [], 0
        task.append(part)
        size += more
    if task:
        yield task


def _load(shared: tuple[Config, Spool], parts: Sequence[Part | Rejected | Skipped]) -> Chunk:
    config, spool = shared
    items = (item for part in parts for item in (load_part(part, config) if isinstance(part, Part) else (part,)))
    return chained([keep(spool, chunk) for chunk in _chunked(items, ARTICLES_A_CHUNK)])


def _chunked(items: Iterable[Loaded], size: int) -> Iterator[list[Loaded]]:
    chunk: list[Loaded] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def keep(spool: Spool, items: Sequence[Loaded]) -> Chunk:
    """Put articles into `spool`; raises InputError for what is no article."""
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
                f"dedupe takes articles, not {kind}: pass load([...]), or make each with Article.of(id, text)"
            )
    return Chunk(
        spool.add([pack_article(each) for each in articles]),
        np.frombuffer(b"".join(bytes.fromhex(each.content_hash) for each in articles) or b"", dtype=">u8")
        .astype(np.uint64)
        .reshape(-1, 2),
        np.array([hash_word(each.article_id) for each in articles], dtype=np.uint64),
        np.array([hash_word(each.outlet) if each.outlet else 0 for each in articles], dtype=np.uint64),
        np.array([bool(each.outlet and words(each.title or "")) for each in articles], dtype=np.bool_),
        ragged([line_keys(each) for each in articles], np.uint64),
        rejected,
        len(items) - len(articles) - len(rejected),
    )


def chained(chunks: Sequence[Chunk]) -> Chunk:
    """Return all chunks as one."""
    nothing = np.empty(0, dtype=np.uint64)
    return Chunk(
        Offsets.concat([each.places for each in chunks]),
        np.concatenate([nothing.reshape(0, 2), *(each.content for each in chunks)]),
        np.concatenate([nothing, *(each.ids for each in chunks)]),
        np.concatenate([nothing, *(each.outlets for each in chunks)]),
        np.concatenate([np.empty(0, dtype=np.bool_), *(each.titled for each in chunks)]),
        stacked([each.lines for each in chunks], np.uint64),
        [item for each in chunks for item in each.rejected],
        sum(each.skipped for each in chunks),
    )


class _Taken:
    """The ids of all articles, as a container that knows their hashes only."""

    def __init__(self, ids: Hashes) -> None:
        self._sorted = np.sort(ids)

    def __contains__(self, name: object) -> bool:
        wanted = np.uint64(hash_word(str(name)))
        at = int(np.searchsorted(self._sorted, wanted))
        return at < len(self._sorted) and bool(self._sorted[at] == wanted)


def identified(whole: Chunk, spool: Spool, taken: Hashes | None = None) -> TakenIn:
    """Give every article an id of its own and all of them an order, that of `load.identify`.

    `taken` are the hashes of ids that articles have which are not among these.
    """
    loaded = RecordList(spool, whole.places, unpack_article)
    kept = np.ones(len(loaded), dtype=bool)
    names: dict[int, tuple[str, str | None]] = {}
    warnings: list[str] = []
    known = _Taken(whole.ids if taken is None else np.concatenate([whole.ids, taken]))
    for group in _sharers(whole.ids):
        articles = {at: loaded[at] for at in group}
        found = identify(articles.values(), known)
        warnings.extend(found.warnings)
        kept[group] = False
        places: dict[tuple[str, str, int], list[int]] = {}
        for at, article in articles.items():
            places.setdefault((article.content_hash, article.path, article.record), []).append(at)
        for article in found.articles:
            alike = places[article.content_hash, article.path, article.record]
            same = (at for at in alike if _renamed(articles[at], article) == article)
            at = next(same)
            alike.remove(at)
            kept[at] = True
            if article != articles[at]:
                names[at] = (article.article_id, article.version_of)
    order = in_order(np.flatnonzero(kept), whole.content, Articles(spool, whole.places, names))
    place = {int(at): new for new, at in enumerate(order) if int(at) in names} if names else {}
    return TakenIn(
        Articles(spool, Offsets(whole.places.rows[order]), {place[at]: name for at, name in names.items()}),
        whole.content[order],
        whole.ids[order],
        whole.outlets[order],
        whole.titled[order],
        whole.lines.take(order),
        len(loaded) - len(order),
        tuple(sorted(whole.rejected, key=lambda r: (r.path, r.record, r.reason))),
        whole.skipped,
        tuple(sorted(warnings)),
    )


def _renamed(article: Article, like: Article) -> Article:
    return replace(article, article_id=like.article_id, version_of=like.version_of)


def _sharers(ids: Hashes) -> Iterator[list[int]]:
    """Yield the places of articles that share an id, all of an id together, some SHARERS at a time."""
    order = np.argsort(ids, kind="stable")
    ranked = ids[order]
    starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1]))) if len(ids) else np.empty(0, np.int64)
    sizes = np.diff(np.concatenate((starts, [len(ids)])))
    group: list[int] = []
    for at in np.flatnonzero(sizes > 1):
        group.extend(order[starts[at] : starts[at] + sizes[at]].tolist())
        if len(group) >= SHARERS:
            yield group
            group = []
    if group:
        yield group


class Named(Protocol):
    """What puts articles of one content in order."""

    @property
    def article_id(self) -> str:
        """The id of its own."""

    @property
    def path(self) -> str:
        """The file that it came in."""

    @property
    def record(self) -> int:
        """Its number there."""


def in_order(kept: Ints, content: Hashes, articles: Sequence[Named] | Mapping[int, Named]) -> Ints:
    """Return the places `kept` by content hash, of one content by id, path and record."""
    order, fresh = by_hash(content[kept])
    order = kept[order]
    same = np.append(~fresh, False)
    starts, ends = np.flatnonzero(~same[:-1] & same[1:]), np.flatnonzero(same[:-1] & ~same[1:])
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        run = order[start : end + 1].tolist()
        keys = {at: (each.article_id, each.path, each.record) for at in run for each in (articles[at],)}
        order[start : end + 1] = sorted(run, key=keys.__getitem__)
    return order


def outlet_lines(found: TakenIn) -> LineTable:
    """Return what the outlets repeat over their pages; reads only the articles that carry such lines."""
    known = np.flatnonzero(found.outlets)
    _, outlets, published = np.unique(found.outlets[known], return_inverse=True, return_counts=True)
    keys = found.lines.take(known)
    recurring = recurring_keys(keys.values, keys.sizes, outlets)
    chosen = carriers(keys.values, keys.sizes, outlets, found.titled[known], recurring).tolist()
    articles = [found.articles.read(int(known[at])) for at in chosen]
    sizes = {str(each.outlet): int(published[outlets[at]]) for at, each in zip(chosen, articles, strict=True)}
    return table_of(articles, sizes, frozenset(recurring.tolist()))
