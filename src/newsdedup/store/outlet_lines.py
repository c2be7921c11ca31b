"""Boilerplate of the outlets of a store, incrementally maintained: which lines start or stop counting as boilerplate.

The boilerplate of an outlet depends only on its first carriers of each recurring line (`clean.outlet_boilerplate`). If
these are unchanged, so is the boilerplate. Otherwise it is computed again, and every article with a line that starts or
stops counting is cleaned again.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, is_in
from newsdedup.clean import RecurringLines
from newsdedup.clean.outlet_boilerplate import (
    build_recurring_lines,
    find_recurring_keys,
    min_unlike_articles,
    select_carriers,
)
from newsdedup.models import Article
from newsdedup.store.database import from_sqlite_int, to_sqlite_int

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

_LineKey = tuple[str, bytes]


@dataclass(frozen=True)
class OutletPages:
    """All articles of some outlets, in content order: outlet hashes, titled flags, line keys and content hashes."""

    outlets: Hashes
    titled: NDArray[np.bool_]
    lines: Ragged
    content: Hashes


@dataclass(frozen=True)
class BoilerplateUpdate:
    """The boilerplate of some outlets after an update.

    `affected` are the indices of the articles with a line that starts or stops counting as boilerplate. `signatures`
    and `tables` are the new ones of the outlets that changed, by outlet hash.
    """

    table: RecurringLines
    affected: Ints
    signatures: Mapping[int, bytes]
    tables: Mapping[int, RecurringLines]


def update_boilerplate(
    db: sqlite3.Connection, outlets: Hashes, pages: OutletPages, read_article: Callable[[int], Article]
) -> BoilerplateUpdate:
    """Compute the boilerplate of `outlets` (hashes). `pages` are all their articles; `read_article` takes an index."""
    _, outlet_ids, published = np.unique(pages.outlets, return_inverse=True, return_counts=True)
    lines = pages.lines
    recurring = find_recurring_keys(lines.values, lines.sizes, outlet_ids)
    carrier_indices = select_carriers(lines.values, lines.sizes, outlet_ids, pages.titled, recurring)
    carriers_by_outlet: dict[int, list[int]] = {int(outlet): [] for outlet in outlets}
    for index in carrier_indices.tolist():
        carriers_by_outlet[int(pages.outlets[index])].append(index)
    article_counts = {
        int(pages.outlets[first]): int(published[n]) for n, first in enumerate(_first_indices(outlet_ids))
    }
    stored = _load_tables(db, carriers_by_outlet)
    signatures: dict[int, bytes] = {}
    tables: dict[int, RecurringLines] = {}
    changed: set[int] = set()
    for outlet, indices in carriers_by_outlet.items():
        signature = _outlet_signature(indices, pages, recurring, article_counts.get(outlet, 0))
        if signature == stored.signatures.get(outlet, b""):
            continue
        articles = [read_article(index) for index in indices]
        sizes = {str(article.outlet): article_counts[outlet] for article in articles}
        table = build_recurring_lines(articles, sizes, frozenset(recurring.tolist()))
        signatures[outlet], tables[outlet] = signature, table
        old_lines = stored.tables.get(outlet, RecurringLines()).lookup_keys
        changed |= {
            table.lookup_keys.get(line, old_lines.get(line, (0, 0)))[1]
            for line in old_lines.keys() ^ table.lookup_keys.keys()
        }
    is_hit = is_in(lines.values, np.array(sorted(changed), dtype=np.uint64))
    line_owner = np.repeat(np.arange(len(lines)), lines.sizes)
    all_tables = {**stored.tables, **tables}
    return BoilerplateUpdate(_merge_tables(all_tables.values()), np.unique(line_owner[is_hit]), signatures, tables)


def _first_indices(outlet_ids: Ints) -> list[int]:
    return [int(index) for index in np.unique(outlet_ids, return_index=True)[1]]


def _outlet_signature(indices: Sequence[int], pages: OutletPages, recurring: Hashes, article_count: int) -> bytes:
    """Return a digest of everything that an outlet's boilerplate depends on; empty if it has no carriers."""
    if not indices:
        return b""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(min_unlike_articles(article_count).to_bytes(4, "little"))
    for index in indices:
        lines = pages.lines[index]
        digest.update(
            pages.content[index].tobytes() + b"%d" % pages.titled[index] + lines[is_in(lines, recurring)].tobytes()
        )
    return digest.digest()


def load_recurring_lines(db: sqlite3.Connection, update: BoilerplateUpdate) -> RecurringLines:
    """Return the boilerplate of all outlets of the store, with `update` applied."""
    outlets = [from_sqlite_int(row[0]) for row in db.execute("SELECT outlet FROM outlets")]
    return _merge_tables({**_load_tables(db, dict.fromkeys(outlets)).tables, **update.tables}.values())


@dataclass(frozen=True)
class _StoredTables:
    signatures: Mapping[int, bytes]
    tables: Mapping[int, RecurringLines]


def _load_tables(db: sqlite3.Connection, outlets: Mapping[int, object]) -> _StoredTables:
    signatures, tables = {}, {}
    for outlet in outlets:
        row = db.execute("SELECT signature FROM outlets WHERE outlet = ?", (to_sqlite_int(outlet),)).fetchone()
        if row is None:
            continue
        signatures[outlet] = row[0]
        lines: dict[_LineKey, tuple[int, int, int]] = {
            (name, line): (articles, words, int.from_bytes(coarse, "little"))
            for line, name, articles, words, coarse in db.execute(
                "SELECT line, name, articles, words, coarse FROM boilerplate WHERE outlet = ?", (to_sqlite_int(outlet),)
            )
        }
        tables[outlet] = _build_table(lines)
    return _StoredTables(signatures, tables)


def _build_table(lines: Mapping[_LineKey, tuple[int, int, int]]) -> RecurringLines:
    word_counts: dict[str, set[int]] = {}
    for (name, _), (_, words, _) in lines.items():
        word_counts.setdefault(name, set()).add(words)
    return RecurringLines(
        {line: articles for line, (articles, _, _) in lines.items()},
        word_counts,
        {line: (words, coarse) for line, (_, words, coarse) in lines.items()},
    )


def _merge_tables(tables: Iterable[RecurringLines]) -> RecurringLines:
    article_counts: dict[_LineKey, int] = {}
    word_counts: dict[str, AbstractSet[int]] = {}
    lookup_keys: dict[_LineKey, tuple[int, int]] = {}
    for table in tables:
        article_counts.update(table.article_counts)
        word_counts.update(table.word_counts)
        lookup_keys.update(table.lookup_keys)
    return RecurringLines(article_counts, word_counts, lookup_keys)


def write_boilerplate(db: sqlite3.Connection, update: BoilerplateUpdate) -> None:
    """Write the boilerplate of the outlets that changed."""
    for outlet, signature in update.signatures.items():
        outlet_key = to_sqlite_int(outlet)
        db.execute("DELETE FROM boilerplate WHERE outlet = ?", (outlet_key,))
        db.execute("DELETE FROM outlets WHERE outlet = ?", (outlet_key,))
        if signature:
            db.execute("INSERT INTO outlets VALUES (?, ?)", (outlet_key, signature))
        table = update.tables[outlet]
        db.executemany(
            "INSERT INTO boilerplate VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    outlet_key,
                    line,
                    name,
                    articles,
                    table.lookup_keys[name, line][0],
                    table.lookup_keys[name, line][1].to_bytes(8, "little"),
                )
                for (name, line), articles in table.article_counts.items()
            ],
        )
