"""What a person decided of stories: which articles tell one report whatever is measured, and which do not.

A decision is kept as the articles on its two sides. What holds of a pair is what the last decision says that stands:
a join ties all articles of both stories, a split parts those that leave from each that stays.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

import numpy as np

from newsdedup.errors import StoreError
from newsdedup.models.store import Decision
from newsdedup.store.database import now
from newsdedup.store.queries import article_number, called, living
from newsdedup.store.state import Decided


def decided(db: sqlite3.Connection, without: Collection[int] = ()) -> Decided:
    """Return what all decisions come to that stand, of articles but those `without`."""
    joined: list[set[int]] = []
    apart: dict[tuple[int, int], None] = {}
    rows = db.execute("SELECT act, told FROM decisions WHERE undone IS NULL ORDER BY decision")
    for act, told in rows.fetchall():
        ones, others = (set(each).difference(without) for each in json.loads(told).values())
        if act == "join":
            together = ones | others
            joined.append(together)
            for pair in [pair for pair in apart if together.issuperset(pair)]:
                del apart[pair]
        else:
            joined = [part for each in joined for part in (each - ones, each & ones)]
            apart.update(dict.fromkeys((min(a, b), max(a, b)) for a in ones for b in others))
    stars = {(min(each), other) for each in joined for other in each if other != min(each)}
    return Decided(*(np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2) for pairs in (stars, apart)))


def decide_split(db: sqlite3.Connection, story_id: str, article_ids: Sequence[str]) -> int:
    """Decide that articles are not of the report that the rest of their story tells; returns the decision's number."""
    story = living(db, story_id)
    leaving = sorted({article_number(db, each) for each in article_ids})
    members = _members(db, story)
    if strange := [called(db, [i])[i] for i in leaving if i not in members]:
        raise StoreError(f"{', '.join(strange)} is not in story {story_id}; 'newsdedup store show {story_id}' lists it")
    staying = [i for i in members if i not in leaving]
    if not staying:
        raise StoreError(f"these are all articles of story {story_id}; name those that are to leave it")
    return _decide(db, "split", leaving, staying)


def decide_join(db: sqlite3.Connection, one_id: str, other_id: str) -> int:
    """Decide that two stories tell one report; returns the decision's number."""
    one, other = living(db, one_id), living(db, other_id)
    if one == other:
        raise StoreError(f"{one_id} and {other_id} are one story already")
    return _decide(db, "join", _members(db, one), _members(db, other))


def _members(db: sqlite3.Connection, story: int) -> list[int]:
    return [row[0] for row in db.execute("SELECT article FROM articles WHERE story = ? ORDER BY article", (story,))]


def _decide(db: sqlite3.Connection, act: Literal["split", "join"], ones: Sequence[int], others: Sequence[int]) -> int:
    decision = int(db.execute("SELECT coalesce(max(decision), 0) + 1 FROM decisions").fetchone()[0])
    run = int(db.execute("SELECT coalesce(max(run), 0) + 1 FROM runs").fetchone()[0])
    told = json.dumps({"articles": list(ones), "others": list(others)})
    db.execute("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, NULL)", (decision, run, now(), act, told))
    return decision


def undo(db: sqlite3.Connection, decision: int) -> None:
    """Take a decision back; what it overruled holds again, as far as no later one says otherwise.

    StoreError where there is none, or it is undone already.
    """
    row = db.execute("SELECT undone FROM decisions WHERE decision = CAST(? AS INTEGER)", (str(decision),)).fetchone()
    if row is None:
        raise StoreError(f"there is no decision {decision} in the store; 'newsdedup store decisions' lists them")
    if row[0] is not None:
        raise StoreError(f"decision {decision} was undone at {row[0]} already")
    db.execute("UPDATE decisions SET undone = ? WHERE decision = ?", (now(), decision))


def decisions(db: sqlite3.Connection) -> list[Decision]:
    """Return all decisions, those undone too, in the order in which they were made."""
    out = []
    for decision, at, act, told, undone in db.execute(
        "SELECT decision, at, act, told, undone FROM decisions ORDER BY decision"
    ).fetchall():
        sides = json.loads(told)
        articles, others = (tuple(sorted(called(db, sides[side]).values())) for side in ("articles", "others"))
        out.append(Decision(decision=decision, kind=act, at=at, articles=articles, others=others, undone=undone))
    return out


def forget(db: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Leave out of all decisions the articles that are gone."""
    gone = set(numbers)
    for decision, told in db.execute("SELECT decision, told FROM decisions").fetchall():
        sides = {side: [i for i in own if i not in gone] for side, own in json.loads(told).items()}
        db.execute("UPDATE decisions SET told = ? WHERE decision = ?", (json.dumps(sides), decision))
