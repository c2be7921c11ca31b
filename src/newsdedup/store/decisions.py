"""What a person decided of stories: which articles tell one report whatever is measured, and which do not.

A decision is kept as pairs of articles. A later one overrules those pairs of earlier ones that say otherwise; undone,
it gives them back.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from newsdedup.errors import StoreError
from newsdedup.models.storing import Decision
from newsdedup.store.asking import article_number, called, living
from newsdedup.store.growth import Decided
from newsdedup.store.schema import now

_AGAINST = {"together": "apart", "apart": "together"}


def decided(db: sqlite3.Connection) -> Decided:
    """Return all decisions that hold."""
    held: dict[str, list[tuple[int, int]]] = {"together": [], "apart": []}
    for kind, a, b in db.execute(
        "SELECT DISTINCT kind, a, b FROM constraints JOIN decisions USING (decision) "
        "WHERE undone IS NULL AND overruled IS NULL ORDER BY kind, a, b"
    ):
        held[kind].append((a, b))
    return Decided(*(np.array(held[kind], dtype=np.int64).reshape(-1, 2) for kind in ("together", "apart")))


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
    return _decide(db, "split", "apart", leaving, staying)


def decide_join(db: sqlite3.Connection, one_id: str, other_id: str) -> int:
    """Decide that two stories tell one report; returns the decision's number."""
    one, other = living(db, one_id), living(db, other_id)
    if one == other:
        raise StoreError(f"{one_id} and {other_id} are one story already")
    return _decide(db, "join", "together", _members(db, one), _members(db, other))


def _members(db: sqlite3.Connection, story: int) -> list[int]:
    return [row[0] for row in db.execute("SELECT article FROM articles WHERE story = ? ORDER BY article", (story,))]


def _decide(
    db: sqlite3.Connection, act: Literal["split", "join"], kind: str, ones: Sequence[int], others: Sequence[int]
) -> int:
    decision = int(db.execute("SELECT coalesce(max(decision), 0) + 1 FROM decisions").fetchone()[0])
    run = int(db.execute("SELECT coalesce(max(run), 0) + 1 FROM runs").fetchone()[0])
    told = json.dumps({"articles": list(ones), "others": list(others)})
    db.execute("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, NULL)", (decision, run, now(), act, told))
    crossed = [(min(a, b), max(a, b)) for a in ones for b in others]
    db.executemany(
        "UPDATE constraints SET overruled = ? WHERE kind = ? AND a = ? AND b = ? AND overruled IS NULL",
        [(decision, _AGAINST[kind], a, b) for a, b in crossed],
    )
    # All that are in either story stay together; whoever leaves is kept from each that stays.
    joined = sorted({*ones, *others})
    kept = [(joined[0], each) for each in joined[1:]] if kind == "together" else crossed
    db.executemany("INSERT INTO constraints VALUES (?, ?, ?, ?, NULL)", [(decision, kind, a, b) for a, b in kept])
    return decision


def undo(db: sqlite3.Connection, decision: int) -> None:
    """Take a decision back; what it overruled holds again. StoreError where there is none, or it is undone already."""
    row = db.execute("SELECT undone FROM decisions WHERE decision = CAST(? AS INTEGER)", (str(decision),)).fetchone()
    if row is None:
        raise StoreError(f"there is no decision {decision} in the store; 'newsdedup store decisions' lists them")
    if row[0] is not None:
        raise StoreError(f"decision {decision} was undone at {row[0]} already")
    db.execute("UPDATE decisions SET undone = ? WHERE decision = ?", (now(), decision))
    db.execute("UPDATE constraints SET overruled = NULL WHERE overruled = ?", (decision,))


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
    for number in gone:
        db.execute("DELETE FROM constraints WHERE a = ? OR b = ?", (number, number))
