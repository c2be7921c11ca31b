"""All articles of a store before and after a change, side by side, and what a change is made with."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import by_hash
from newsdedup.config import Config
from newsdedup.engine.executor import Progress, Resources
from newsdedup.engine.intake import in_order
from newsdedup.engine.workspace import Spool, Workspace
from newsdedup.models import Article
from newsdedup.store.report_cache import Desk
from newsdedup.store.stored_articles import Known, Named, fact, known, names, shared

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]


@dataclass(frozen=True)
class Means:
    """What a change is made with."""

    config: Config
    workers: int
    resources: Resources
    workspace: Workspace
    progress: Progress


@dataclass(frozen=True)
class Decided:
    """What a person decided: pairs of article numbers, shape (n, 2), that tell one report, or do not."""

    together: Pairs
    apart: Pairs

    def changed(self, other: Decided) -> Ints:
        """Return the articles of which something else is decided."""
        found = [
            set(map(tuple, one.tolist())) ^ set(map(tuple, two.tolist()))
            for one, two in ((self.together, other.together), (self.apart, other.apart))
        ]
        return np.array(sorted({number for pairs in found for pair in pairs for number in pair}), dtype=np.int64)


@dataclass(frozen=True)
class States:
    """All articles before and after a change: those known, then those that come; columns over them.

    `numbers` are -1 for articles that are new; `rank` is the place in content order. An article that is cleaned or
    named anew stands here twice, before and after.
    """

    numbers: Ints
    slots: Ints
    rows: NDArray[np.void]
    content_rank: Ints
    before: Flags
    after: Flags

    @property
    def dead(self) -> Flags:
        """Tell by slot which are of no article after the change."""
        out = np.ones(int(self.slots.max(initial=-1)) + 1, dtype=bool)
        out[self.slots[self.after]] = False
        return out


@dataclass(frozen=True)
class Change:
    """A change in the making: the store as it is, what was `decided` before and after, and what it is made with.

    With `anew` all that is known is cleaned and matched again. Articles that are read lie in `spool`, reports on the
    `desk`.
    """

    db: sqlite3.Connection
    known: Known
    decided: tuple[Decided, Decided]
    means: Means
    spool: Spool
    desk: Desk
    anew: bool

    @classmethod
    def of(cls, db: sqlite3.Connection, decided: tuple[Decided, Decided], means: Means, *, anew: bool = False) -> Self:
        """Begin a change."""
        desk = Desk(db, means.workspace.spool("reports"), means.resources, means.workers)
        return cls(db, known(db), decided, means, means.workspace.spool("articles"), desk, anew)

    @property
    def threshold(self) -> float:
        """The least probability of a tie."""
        return float(fact(self.db, "min_probability", self.means.config.min_probability))


def places_in_order(db: sqlite3.Connection, before: Known, content: Hashes, articles: Sequence[Article]) -> Ints:
    """Return the place in content order of all that is known, and of further articles with this `content`."""
    whole = np.concatenate([before.rows["content"].reshape(-1, 2), content])
    tied = np.flatnonzero(shared(whole))
    found = names(db, before.numbers[tied[tied < len(before)]])
    called: dict[int, Named | Article] = {
        at: found[int(before.numbers[at])] if at < len(before) else articles[at - len(before)] for at in tied.tolist()
    }
    order = in_order(np.arange(len(whole)), whole, called)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank


def first_of(states: States, flags: Flags, decided: Decided) -> Ints:
    """Return for each place in `states` the place of the first with its text, -1 for those not there.

    Who is parted from others by a decision is a copy of those alone that are parted from the same.
    """
    text = texts_of(states.rows, states.numbers, decided)
    there = np.flatnonzero(flags)
    there = there[np.argsort(states.content_rank[there])]
    order, fresh = by_hash(text[there])
    there = there[order]
    first = np.full(len(flags), -1)
    first[there] = there[np.flatnonzero(fresh)][np.cumsum(fresh) - 1] if len(there) else there
    return first


def heads(first: Ints) -> Ints:
    """Return the places of those that are the first with their text."""
    return np.flatnonzero(first == np.arange(len(first)))


def texts_of(rows: NDArray[np.void], numbers: Ints, decided: Decided) -> Hashes:
    """Return two numbers an article that are equal for those of one text, if they are parted from the same others."""
    text: Hashes = rows["text"].reshape(-1, 2).copy()
    foes: dict[int, list[int]] = {}
    for one, other in decided.apart.tolist():
        foes.setdefault(one, []).append(other)
        foes.setdefault(other, []).append(one)
    for at in np.flatnonzero(np.isin(numbers, decided.apart)).tolist():
        key = hashlib.blake2b(text[at].tobytes(), digest_size=16)
        key.update(repr(sorted(foes[int(numbers[at])])).encode())
        text[at] = np.frombuffer(key.digest(), dtype="<u8")
    return text
