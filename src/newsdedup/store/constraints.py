"""Decisions of a person about stories, and the must-link and cannot-link constraints that follow from them.

A decision is stored as the articles on its two sides. A join is a must-link of all articles of both stories. A split is
a cannot-link of each article that leaves with each that stays. The last decision about a pair that is not undone wins.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from newsdedup.engine.state import Constraints
from newsdedup.errors import StoreError
from newsdedup.models.store import Decision
from newsdedup.store.database import next_number, utc_now
from newsdedup.store.queries import find_live_story, get_article_ids, get_article_number


def load_constraints(db: sqlite3.Connection, excluded: Collection[int] = ()) -> Constraints:
    """Return the constraints of all decisions that are not undone, without the articles in `excluded`."""
    linked_groups: list[set[int]] = []
    cannot_link: dict[tuple[int, int], None] = {}
    rows = db.execute("SELECT act, told FROM decisions WHERE undone IS NULL ORDER BY decision")
    for act, sides in rows.fetchall():
        side_a, side_b = (set(members).difference(excluded) for members in json.loads(sides).values())
        if act == "join":
            group = side_a | side_b
            linked_groups.append(group)
            for pair in [pair for pair in cannot_link if group.issuperset(pair)]:
                del cannot_link[pair]
        else:
            linked_groups = [part for members in linked_groups for part in (members - side_a, members & side_a)]
            cannot_link.update(dict.fromkeys((min(a, b), max(a, b)) for a in side_a for b in side_b))
    must_link = {(min(members), member) for members in linked_groups for member in members if member != min(members)}
    return Constraints(*(np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2) for pairs in (must_link, cannot_link)))


def decide_split(db: sqlite3.Connection, story_id: str, article_ids: Sequence[str]) -> None:
    """Record that articles do not belong to their story."""
    story = find_live_story(db, story_id)
    leaving = sorted({get_article_number(db, article_id) for article_id in article_ids})
    members = _list_members(db, story)
    if outsiders := [get_article_ids(db, [i])[i] for i in leaving if i not in members]:
        raise StoreError(
            f"{', '.join(outsiders)} is not in story {story_id}; 'newsdedup store show {story_id}' lists it"
        )
    staying = [i for i in members if i not in leaving]
    if not staying:
        raise StoreError(f"these are all articles of story {story_id}; name only those that should leave it")
    _insert_decision(db, "split", leaving, staying)


def decide_join(db: sqlite3.Connection, story_id: str, other_id: str) -> None:
    """Record that two stories are one."""
    story, other_story = find_live_story(db, story_id), find_live_story(db, other_id)
    if story == other_story:
        raise StoreError(f"{story_id} and {other_id} are already one story")
    _insert_decision(db, "join", _list_members(db, story), _list_members(db, other_story))


def _list_members(db: sqlite3.Connection, story: int) -> list[int]:
    return [row[0] for row in db.execute("SELECT article FROM articles WHERE story = ? ORDER BY article", (story,))]


def _insert_decision(db: sqlite3.Connection, act: str, side_a: list[int], side_b: list[int]) -> None:
    decision, run = next_number(db, "decision", "decisions"), next_number(db, "run", "runs")
    sides = json.dumps({"articles": side_a, "others": side_b})
    db.execute("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, NULL)", (decision, run, utc_now(), act, sides))


def undo_decision(db: sqlite3.Connection, decision: int) -> None:
    """Mark a decision as undone. Earlier decisions that it overruled hold again, unless a later one overrules them.

    Raises StoreError if there is no such decision, or if it is already undone.
    """
    row = db.execute("SELECT undone FROM decisions WHERE decision = CAST(? AS INTEGER)", (str(decision),)).fetchone()
    if row is None:
        raise StoreError(f"there is no decision {decision} in the store; 'newsdedup store decisions' lists them")
    if row[0] is not None:
        raise StoreError(f"decision {decision} was already undone at {row[0]}")
    db.execute("UPDATE decisions SET undone = ? WHERE decision = ?", (utc_now(), decision))


def list_decisions(db: sqlite3.Connection) -> list[Decision]:
    """Return all decisions, including undone ones, oldest first."""
    statement = "SELECT decision, act, at, undone, told FROM decisions ORDER BY decision"
    decisions = []
    for decision, act, timestamp, undone, sides_json in db.execute(statement).fetchall():
        sides = json.loads(sides_json).items()
        ids = {side: tuple(sorted(get_article_ids(db, numbers).values())) for side, numbers in sides}
        decisions.append(Decision(decision=decision, kind=act, at=timestamp, undone=undone, **ids))
    return decisions


def remove_from_decisions(db: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Remove forgotten articles from all decisions."""
    removed = set(numbers)
    for decision, sides_json in db.execute("SELECT decision, told FROM decisions").fetchall():
        sides = {side: [i for i in members if i not in removed] for side, members in json.loads(sides_json).items()}
        db.execute("UPDATE decisions SET told = ? WHERE decision = ?", (json.dumps(sides), decision))
