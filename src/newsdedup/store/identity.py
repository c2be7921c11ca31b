"""Which records that come are new articles, which are known, and which take the id of a known one.

As `load.identify` has it of all records at once.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import among
from newsdedup.engine.intake import Articles, Chunk, TakenIn, chained, identified, keep
from newsdedup.engine.workspace import Offsets, Spool
from newsdedup.store.codec import loaded_as
from newsdedup.store.stored_articles import Known, chosen, names

Ints = NDArray[np.int64]

# Articles that are read again at a time.
_READ = 1000


@dataclass(frozen=True)
class Arrived:
    """The articles that are new or under another id than before, in content order, as `TakenIn` has them.

    `numbers` are those of the known articles whose place they take, -1 for new ones; `gone` tells which known articles
    leave: those taken out, and those whose place is taken.
    """

    taken: TakenIn
    numbers: Ints
    gone: NDArray[np.bool_]

    @property
    def fresh(self) -> int:
        """How many articles were not known."""
        return int((self.numbers < 0).sum())


def arrive(db: sqlite3.Connection, whole: Chunk, spool: Spool, known: Known, out: NDArray[np.bool_]) -> Arrived:
    """Hold the records that came (`whole`, in `spool`) against the known articles, of which some are taken `out`."""
    rows = known.rows
    asked = np.concatenate([whole.ids, rows["raw"][out]])
    renamed = (rows["name"] != rows["raw"]) & among(rows["name"], whole.ids)
    asked = np.unique(np.concatenate([asked, rows["raw"][renamed]]))
    involved = np.flatnonzero(among(rows["raw"], asked) & ~out)
    parts = []  # what is known comes first, so that of equal records it stays
    for start in range(0, len(involved), _READ):
        some = known.slots[involved[start : start + _READ]]
        read = dict(chosen(db, "SELECT slot, record FROM texts WHERE slot IN", some))
        parts.append(keep(spool, [loaded_as(read[slot]) for slot in some.tolist()]))
    apart = np.ones(len(rows), dtype=bool)
    apart[involved] = out[involved]
    found = identified(chained([*parts, whole]), spool, rows["raw"][apart & ~out])
    stored = np.concatenate([np.empty((0, 3), dtype=np.int64), *(part.places.rows for part in parts)])
    return _changed(db, known, found, involved, stored, out, len(whole.places))


def _changed(
    db: sqlite3.Connection,
    known: Known,
    found: TakenIn,
    involved: Ints,
    stored: Ints,
    out: NDArray[np.bool_],
    came: int,
) -> Arrived:
    rows = known.rows
    where = {(writer, offset): at for at, (writer, offset, _) in zip(involved.tolist(), stored.tolist(), strict=True)}
    called = names(db, known.numbers[involved])
    place = [where.get((writer, offset), -1) for writer, offset, _ in found.articles.places.rows.tolist()]
    surviving = set(place)
    displaced = {
        (int(rows["raw"][at]), *map(int, rows["content"][at])): at for at in involved.tolist() if at not in surviving
    }
    gone = out.copy()
    fresh, numbers = [], []
    for i, at in enumerate(place):
        if at >= 0:
            own = called[int(known.numbers[at])]
            new = found.articles.renamed.get(i)
            if new == (own.article_id, own.version_of) or (new is None and rows["raw"][at] == rows["name"][at]):
                continue
        taken_from = at
        if at < 0 and displaced:
            taken_from = displaced.get((int(found.ids[i]), *map(int, found.content[i])), -1)
        if taken_from >= 0:
            gone[taken_from] = True
        fresh.append(i)
        numbers.append(int(known.numbers[taken_from]) if taken_from >= 0 else -1)
    chosen_ = np.array(fresh, dtype=np.int64)
    taken = replace(
        found,
        articles=Articles(
            found.articles.spool,
            Offsets(found.articles.places.rows[chosen_]),
            {new: found.articles.renamed[i] for new, i in enumerate(fresh) if i in found.articles.renamed},
        ),
        content=found.content[chosen_],
        ids=found.ids[chosen_],
        outlets=found.outlets[chosen_],
        titled=found.titled[chosen_],
        lines=found.lines.take(chosen_),
        repeated=came - sum(number < 0 for number in numbers),
    )
    return Arrived(taken, np.array(numbers, dtype=np.int64), gone)
