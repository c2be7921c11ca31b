"""Writes an update into the tables of a store: articles, pairs, boilerplate, postings, stories and history."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Hashes, Ints, Ragged
from newsdedup.engine.context import ARTICLES_PER_CHUNK, RunContext
from newsdedup.engine.intake import Articles
from newsdedup.engine.story_list import Stories
from newsdedup.engine.update import Update
from newsdedup.engine.workspace import Spool
from newsdedup.execution import split_range
from newsdedup.models import Report
from newsdedup.models.store import Change
from newsdedup.store import codec, columns, shingle_index
from newsdedup.store.database import TEXT_PARAMETER, delete_in, get_meta, select_in, set_meta, to_sqlite_text, utc_now
from newsdedup.store.outlet_tables import write_outlet_tables
from newsdedup.store.pairs import write_pairs
from newsdedup.store.story_ids import StoryAfter, StoryIdentity, match_stories


@dataclass(frozen=True)
class CommittedUpdate:
    """What an update wrote: the stories that were rebuilt, how each changed (None: not at all) and its aliases."""

    stories: Stories
    changes: Sequence[Change | None]
    aliases: Sequence[tuple[str, ...]]


class _StoryIds(NamedTuple):
    numbers: Sequence[int]
    identities: Sequence[StoryIdentity]


def commit(
    db: sqlite3.Connection, update: Update, context: RunContext, action: str, counts: Mapping[str, object]
) -> CommittedUpdate:
    """Write an update within the open transaction. Returns the stories that it rebuilt.

    `action` and `counts` are recorded in the table of runs.
    """
    run = int(db.execute("SELECT coalesce(max(run), 0) + 1 FROM runs").fetchone()[0])
    numbers = _assign_article_numbers(db, update)
    assigned: list[_StoryIds] = []

    def assign_ids(members: Ragged, default_ids: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
        story_ids = _assign_story_ids(db, update, numbers, members, default_ids, run)
        assigned.append(story_ids[0])
        return story_ids[1]

    stories = Stories(update.matching, update.content_hashes, context, assign_ids)
    context.progress.stage("store", None)
    _write_articles(db, update, numbers, context, run)
    write_pairs(db, update.invalidated, update.new_scores)
    write_outlet_tables(db, update.boilerplate.changed)
    if len(update.shingle_index.new_postings):
        shingle_index.append_postings(db, update.shingle_index.new_postings)
    committed = _write_stories(db, update, stories, assigned[0], numbers, run)
    changes = Counter(change.value for change in committed.changes if change is not None)
    db.execute(
        "INSERT INTO runs VALUES (?, ?, ?, ?)", (run, utc_now(), action, json.dumps({**counts, "changes": changes}))
    )
    return committed


def _assign_article_numbers(db: sqlite3.Connection, update: Update) -> Ints:
    """Return the numbers of all articles in `update.state`, with new numbers for those that have none."""
    numbers = update.state.numbers.copy()
    new_indices = np.flatnonzero(numbers < 0)
    first = int(get_meta(db, "next_article", 1))
    numbers[new_indices] = first + np.arange(len(new_indices))
    set_meta(db, "next_article", first + len(new_indices))
    last_slot = update.state.slots.max(initial=-1)
    set_meta(
        db, "next_slot", max(int(get_meta(db, "next_slot", 0)), int(last_slot) + 1)
    )  # removed articles have slots too
    return numbers


def _write_articles(db: sqlite3.Connection, update: Update, numbers: Ints, context: RunContext, run: int) -> None:
    state, stored = update.state, update.stored
    is_leaving = ~state.after[: len(stored)]
    removed_slots = stored.slots[is_leaving]
    delete_in(db, "DELETE FROM texts WHERE slot IN", removed_slots)
    story_of = dict(zip(stored.numbers.tolist(), stored.stories.tolist(), strict=True))
    run_of = dict(select_in(db, "SELECT article, run FROM articles WHERE article IN", stored.numbers[is_leaving]))
    delete_in(db, "DELETE FROM articles WHERE slot IN", removed_slots)
    spool = context.workspace.open_spool("records")
    start = len(stored)
    offsets = iter(
        offset
        for chunk in context.executor.map(
            _pack_chunk,
            (update.updated.articles, update.updated.reports, spool),
            split_range(len(update.updated.articles), ARTICLES_PER_CHUNK),
        )
        for offset in chunk
    )
    text = TEXT_PARAMETER
    for i, offset in enumerate(offsets):
        article, record = update.updated.articles[i], spool.read(offset)
        slot, number = int(state.slots[start + i]), int(numbers[start + i])
        db.execute(
            f"INSERT INTO articles VALUES (?, ?, ?, ?, {text}, {text}, {text}, ?, {text}, {text})",
            (
                number, slot, story_of.get(number, 0), run_of.get(number, run), to_sqlite_text(article.article_id),
                to_sqlite_text(article.version_of), to_sqlite_text(article.path), article.record,
                to_sqlite_text(article.source), to_sqlite_text(article.published),
            ),
        )  # fmt: skip
        db.execute("INSERT INTO texts VALUES (?, ?)", (slot, record))
        context.progress.advance()
    if len(update.updated.articles):
        columns.append_rows(db, int(state.slots[start]), state.rows[start:], update.updated.line_keys)


def _pack_chunk(shared: tuple[Articles, Sequence[Report], Spool], indices: range) -> Ints:
    articles, reports, spool = shared
    offsets: Ints = spool.add([codec.pack_record(articles.read_as_loaded(i), reports[i]) for i in indices])
    return offsets


def _assign_story_ids(
    db: sqlite3.Connection, update: Update, numbers: Ints, members: Ragged, default_ids: NDArray[np.bytes_], run: int
) -> tuple[_StoryIds, NDArray[np.bytes_]]:
    """Match the rebuilt stories with the stored ones; return their numbers and identities, and their ids."""
    state, stored = update.state, update.stored
    reached_numbers = numbers[update.matched]
    content = state.rows["content_hash"][update.matched]
    changed = frozenset(numbers[len(stored) :].tolist()) - update.updated.unchanged
    touched = np.concatenate([reached_numbers, stored.numbers[~state.after[: len(stored)]]])
    positions = np.searchsorted(stored.numbers, touched)
    is_stored = positions < len(stored)
    is_stored[is_stored] = stored.numbers[positions[is_stored]] == touched[is_stored]
    story_before = dict(zip(touched[is_stored].tolist(), stored.stories[positions[is_stored]].tolist(), strict=True))
    stories = [
        StoryAfter(reached_numbers[rows].tolist(), changed, min(_content_hex(content[row]) for row in rows.tolist()))
        for rows in (members[i] for i in range(len(members)))
    ]
    identities = match_stories(story_before, stories)
    old_ids = dict(
        select_in(
            db,
            "SELECT story, story_id FROM stories WHERE story IN",
            [identity.previous for identity in identities if identity.previous is not None],
        )
    )
    next_story = int(get_meta(db, "next_story", 1))
    ids, story_numbers = default_ids.copy(), []
    for i, identity in enumerate(identities):
        if identity.previous is not None:
            story_numbers.append(identity.previous)
            ids[i] = old_ids[identity.previous].encode()
        else:
            story_numbers.append(next_story)
            ids[i] = _unused_story_id(db, default_ids[i], run)
            next_story += 1
    set_meta(db, "next_story", next_story)
    return _StoryIds(story_numbers, identities), ids


def _content_hex(content: Hashes) -> bytes:
    return b"%016x%016x" % tuple(content.tolist())


def _unused_story_id(db: sqlite3.Connection, default_id: bytes, run: int) -> bytes:
    """Return the default id of a story, which derives from its content, or another one if it was ever used."""
    story_id, attempt = default_id, 0
    while db.execute("SELECT 1 FROM stories WHERE story_id = ?", (story_id.decode(),)).fetchone():
        attempt += 1
        story_id = hashlib.blake2b(b"%b %d %d" % (default_id, run, attempt), digest_size=8).hexdigest().encode()
    return story_id


def _write_stories(
    db: sqlite3.Connection,
    update: Update,
    stories: Stories,
    assigned: _StoryIds,
    numbers: Ints,
    run: int,
) -> CommittedUpdate:
    reached_numbers, drafts = numbers[update.matched], stories.drafts
    changed = set(numbers[len(update.stored) :].tolist()) - update.updated.unchanged
    changes: list[Change | None] = []
    aliases: list[tuple[str, ...]] = []
    written_stories: set[int] = set()
    for index in range(len(stories)):
        member, draft = stories.source_indices(index)
        story, identity = assigned.numbers[member], assigned.identities[member]
        written_stories.add(story)
        row = (
            (float(drafts.weakest[draft]), json.dumps(sorted(_find_article_numbers(db, drafts.bridges[draft]))))
            if draft >= 0
            else (1.0, "[]")
        )
        db.execute(
            "INSERT INTO stories VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT (story) "
            "DO UPDATE SET weakest = excluded.weakest, bridges = excluded.bridges",
            (story, stories.ids[index].decode(), run, *row),
        )
        articles = reached_numbers[stories.members_of(index)].tolist()
        db.executemany(
            "UPDATE articles SET story = ? WHERE article = ? AND story <> ?", [(story, i, story) for i in articles]
        )
        changes.append(identity.change)
        if identity.change not in {None, Change.NEW}:  # the row in `stories` records the creation
            detail = {
                "articles": [i for i in articles if i in changed] or articles,
                "others": list(identity.other_stories),
            }
            _add_event(db, story, run, str(identity.change), detail)
        for absorbed_story in identity.absorbed:
            db.execute("UPDATE stories SET became = ? WHERE story = ?", (story, absorbed_story))
            _add_event(db, absorbed_story, run, "became", {"articles": [], "others": [story]})
        aliases.append(_load_aliases(db, story) if identity.change not in {None, Change.NEW} else ())
    left_stories = set(update.stored.stories[~update.state.after[: len(update.stored)]].tolist()) - written_stories
    for story in sorted(left_stories):
        is_empty = not db.execute("SELECT 1 FROM articles WHERE story = ? LIMIT 1", (story,)).fetchone()
        became = db.execute("SELECT became FROM stories WHERE story = ?", (story,)).fetchone()
        if is_empty and became == (None,):
            _add_event(db, story, run, "gone", {"articles": [], "others": []})
    return CommittedUpdate(stories, changes, aliases)


def _find_article_numbers(db: sqlite3.Connection, article_ids: Sequence[str]) -> Iterator[int]:
    for article_id in article_ids:
        yield from (
            row[0]
            for row in db.execute(
                f"SELECT article FROM articles WHERE article_id = {TEXT_PARAMETER}", (to_sqlite_text(article_id),)
            )
        )


def _add_event(db: sqlite3.Connection, story: int, run: int, change: str, detail: Mapping[str, object]) -> None:
    db.execute(
        "INSERT INTO history (story, run, change, detail) VALUES (?, ?, ?, ?)", (story, run, change, json.dumps(detail))
    )


def _load_aliases(db: sqlite3.Connection, story: int) -> tuple[str, ...]:
    """Return the ids of all stories that were merged into this one, directly or not."""
    rows = db.execute(
        "WITH RECURSIVE one(story) AS (SELECT ? UNION SELECT s.story FROM stories s JOIN one ON s.became = one.story) "
        "SELECT story_id FROM stories JOIN one USING (story) WHERE story <> ? ORDER BY story_id",
        (story, story),
    )
    return tuple(row[0] for row in rows)
