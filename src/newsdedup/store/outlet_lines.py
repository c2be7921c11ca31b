"""What the outlets of a store repeat over their pages, kept up: which lines newly count as boilerplate, or no more.

What an outlet's table says follows from its first carriers of each line that recurs (`clean.table`). Where these are
the same as before, so is the table; where not, it is made anew, and whatever carries a line that changed sides is
cleaned again.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, among
from newsdedup.clean import LineTable
from newsdedup.clean.outlet_boilerplate import carriers, needed_of, recurring_keys, table_of
from newsdedup.models import Article
from newsdedup.store.stored_articles import signed, unsigned

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

_Line = tuple[str, bytes]


@dataclass(frozen=True)
class Pages:
    """The articles of some outlets, in content order: hashes of their outlets, whether titled, keys of their lines."""

    outlets: Hashes
    titled: NDArray[np.bool_]
    lines: Ragged
    content: Hashes


@dataclass(frozen=True)
class Repeated:
    """The table for the articles of the outlets looked at; which of their places carry a line that changed sides.

    `signatures` and `tables` hold, by the outlet's hash, what is new.
    """

    table: LineTable
    affected: Ints
    signatures: Mapping[int, bytes]
    tables: Mapping[int, LineTable]


def repeated(db: sqlite3.Connection, outlets: Hashes, pages: Pages, read: Callable[[int], Article]) -> Repeated:
    """Look at the `outlets` (hashes), of which `pages` are all articles; `read` returns that of a place."""
    _, number, published = np.unique(pages.outlets, return_inverse=True, return_counts=True)
    keys = pages.lines
    recurring = recurring_keys(keys.values, keys.sizes, number)
    chosen = carriers(keys.values, keys.sizes, number, pages.titled, recurring)
    by_outlet: dict[int, list[int]] = {int(each): [] for each in outlets}
    for at in chosen.tolist():
        by_outlet[int(pages.outlets[at])].append(at)
    of_outlet = {int(pages.outlets[first]): int(published[n]) for n, first in enumerate(_first(number))}
    stored = _stored(db, by_outlet)
    signatures: dict[int, bytes] = {}
    tables: dict[int, LineTable] = {}
    changed: set[int] = set()
    for outlet, own in by_outlet.items():
        signature = _signature(own, pages, recurring, of_outlet.get(outlet, 0))
        if signature == stored.signatures.get(outlet, b""):
            continue
        articles = [read(at) for at in own]
        sizes = {str(each.outlet): of_outlet[outlet] for each in articles}
        table = table_of(articles, sizes, frozenset(recurring.tolist()))
        signatures[outlet], tables[outlet] = signature, table
        before = stored.tables.get(outlet, LineTable()).found_by
        changed |= {
            table.found_by.get(line, before.get(line, (0, 0)))[1] for line in before.keys() ^ table.found_by.keys()
        }
    hit = among(keys.values, np.array(sorted(changed), dtype=np.uint64))
    row = np.repeat(np.arange(len(keys)), keys.sizes)
    whole = {**stored.tables, **tables}
    return Repeated(_joined(whole.values()), np.unique(row[hit]), signatures, tables)


def _first(number: Ints) -> list[int]:
    return [int(each) for each in np.unique(number, return_index=True)[1]]


def _signature(own: Sequence[int], pages: Pages, recurring: Hashes, published: int) -> bytes:
    """Return what stands for all that an outlet's table follows from; nothing where it has no carriers."""
    if not own:
        return b""
    whole = hashlib.blake2b(digest_size=16)
    whole.update(needed_of(published).to_bytes(4, "little"))
    for at in own:
        lines = pages.lines[at]
        whole.update(pages.content[at].tobytes() + b"%d" % pages.titled[at] + lines[among(lines, recurring)].tobytes())
    return whole.digest()


def whole(db: sqlite3.Connection, repeated: Repeated) -> LineTable:
    """Return the table of all outlets, as it is once what is `repeated` is written."""
    every = [unsigned(row[0]) for row in db.execute("SELECT outlet FROM outlets")]
    return _joined({**_stored(db, dict.fromkeys(every)).tables, **repeated.tables}.values())


@dataclass(frozen=True)
class _Stored:
    signatures: Mapping[int, bytes]
    tables: Mapping[int, LineTable]


def _stored(db: sqlite3.Connection, outlets: Mapping[int, object]) -> _Stored:
    signatures, tables = {}, {}
    for outlet in outlets:
        row = db.execute("SELECT signature FROM outlets WHERE outlet = ?", (signed(outlet),)).fetchone()
        if row is None:
            continue
        signatures[outlet] = row[0]
        lines: dict[_Line, tuple[int, int, int]] = {
            (name, line): (articles, words, int.from_bytes(coarse, "little"))
            for line, name, articles, words, coarse in db.execute(
                "SELECT line, name, articles, words, coarse FROM boilerplate WHERE outlet = ?", (signed(outlet),)
            )
        }
        tables[outlet] = _table(lines)
    return _Stored(signatures, tables)


def _table(lines: Mapping[_Line, tuple[int, int, int]]) -> LineTable:
    lengths: dict[str, set[int]] = {}
    for (name, _), (_, words, _) in lines.items():
        lengths.setdefault(name, set()).add(words)
    return LineTable(
        {line: articles for line, (articles, _, _) in lines.items()},
        lengths,
        {line: (words, coarse) for line, (_, words, coarse) in lines.items()},
    )


def _joined(tables: Iterable[LineTable]) -> LineTable:
    repeats: dict[_Line, int] = {}
    lengths: dict[str, AbstractSet[int]] = {}
    found_by: dict[_Line, tuple[int, int]] = {}
    for table in tables:
        repeats.update(table.repeats)
        lengths.update(table.lengths)
        found_by.update(table.found_by)
    return LineTable(repeats, lengths, found_by)


def write(db: sqlite3.Connection, found: Repeated) -> None:
    """Keep what is new."""
    for outlet, signature in found.signatures.items():
        own = signed(outlet)
        db.execute("DELETE FROM boilerplate WHERE outlet = ?", (own,))
        db.execute("DELETE FROM outlets WHERE outlet = ?", (own,))
        if signature:
            db.execute("INSERT INTO outlets VALUES (?, ?)", (own, signature))
        table = found.tables[outlet]
        db.executemany(
            "INSERT INTO boilerplate VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    own,
                    line,
                    name,
                    articles,
                    table.found_by[name, line][0],
                    table.found_by[name, line][1].to_bytes(8, "little"),
                )
                for (name, line), articles in table.repeats.items()
            ],
        )
