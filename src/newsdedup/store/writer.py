"""Writes an update into the tables of a store: articles, pairs, boilerplate, postings, stories and history."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Hashes, Ints, Pairs, Ragged, is_in
from newsdedup.engine.context import ARTICLES_PER_CHUNK, RunContext
from newsdedup.engine.corpus import ArticleColumns, OutletTables
from newsdedup.engine.intake import Articles
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.story_list import Stories
from newsdedup.engine.update import Update
from newsdedup.engine.workspace import Spool
from newsdedup.execution import split_range
from newsdedup.models import Report
from newsdedup.models.store import Change
from newsdedup.store import codec, columns, shingle_index
from newsdedup.store.database import (
    TEXT_PARAMETER,
    execute_in,
    get_meta,
    next_number,
    set_meta,
    to_sqlite_int,
    to_sqlite_text,
    utc_now,
)
from newsdedup.store.queries import MERGED_STORIES, get_story_ids
from newsdedup.store.story_ids import StoryAfter, StoryIdentity, match_stories

_text_values = attrgetter("article_id", "version_of", "path", "source", "published")


@dataclass(frozen=True)
class CommittedUpdate:
    """An update and what it wrote: the rebuilt stories, how each changed (None: not at all) and its aliases."""

    update: Update
    stories: Stories
    changes: Sequence[Change | None]
    aliases: Sequence[tuple[str, ...]]


def commit(
    db: sqlite3.Connection, update: Update, context: RunContext, action: str, counts: Mapping[str, object]
) -> CommittedUpdate:
    """Write an update within the open transaction. Returns the stories that it rebuilt.

    `action` and `counts` are recorded in the table of runs.
    """
    writer = _Writer(db, update)
    stories = Stories(update.matching, update.content_hashes, context, writer.assign_story_ids)
    context.progress.stage("store", None)
    writer.write_articles(context)
    _write_pairs(db, update.invalidated, update.new_scores)
    _write_outlet_tables(db, update.boilerplate.changed)
    if len(update.shingle_index.new_postings):
        shingle_index.append_postings(db, update.shingle_index.new_postings)
    committed = writer.write_stories(stories)
    changes = Counter(change.value for change in committed.changes if change is not None)
    run_row = (writer.run, utc_now(), action, json.dumps({**counts, "changes": changes}))
    db.execute("INSERT INTO runs VALUES (?, ?, ?, ?)", run_row)
    return committed


class _Writer:
    """Writes the articles and stories of an update under the numbers that it assigns."""

    def __init__(self, db: sqlite3.Connection, update: Update) -> None:
        self._db, self._update = db, update
        self.run = next_number(db, "run", "runs")
        self._numbers = _assign_article_numbers(db, update)
        self._changed = frozenset(self._numbers[len(update.stored) :].tolist()) - update.updated.unchanged
        self._is_leaving = ~update.state.after[: len(update.stored)]
        self._story_numbers: list[int] = []
        self._identities: list[StoryIdentity] = []

    def assign_story_ids(self, members: Ragged, default_ids: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
        """Match the rebuilt stories with the stored ones, number them, and return their ids."""
        db, stored, matched = self._db, self._update.stored, self._update.matched
        numbers, content = self._numbers[matched], self._update.state.rows["content_hash"][matched]
        touched = np.concatenate([numbers, stored.numbers[self._is_leaving]])
        stories = [
            StoryAfter(numbers[rows].tolist(), self._changed, min(map(_content_hex, content[rows])))
            for rows in (members[i] for i in range(len(members)))
        ]
        self._identities = match_stories(_find_stories(stored, touched), stories)
        old_ids = get_story_ids(db, [i.previous for i in self._identities if i.previous is not None])
        next_story = int(get_meta(db, "next_story", 1))
        ids = default_ids.copy()
        for i, identity in enumerate(self._identities):
            if (story := identity.previous) is not None:
                ids[i] = old_ids[story].encode()
            else:
                story, next_story = next_story, next_story + 1
                ids[i] = _unused_story_id(db, default_ids[i], self.run)
            self._story_numbers.append(story)
        set_meta(db, "next_story", next_story)
        return ids

    def write_articles(self, context: RunContext) -> None:
        """Delete the articles that leave or were replaced, and insert the new and replaced ones."""
        db, stored, updated, state = self._db, self._update.stored, self._update.updated, self._update.state
        leaving_slots, leaving_numbers = stored.slots[self._is_leaving], stored.numbers[self._is_leaving]
        execute_in(db, "DELETE FROM texts WHERE slot IN", leaving_slots)
        run_of = dict(execute_in(db, "SELECT article, run FROM articles WHERE article IN", leaving_numbers))
        execute_in(db, "DELETE FROM articles WHERE slot IN", leaving_slots)
        start = len(stored)
        numbers, slots = self._numbers[start:], state.slots[start:]
        story_of = _find_stories(stored, numbers)
        spool = context.workspace.open_spool("records")
        shared, chunks = (updated.articles, updated.reports, spool), split_range(len(numbers), ARTICLES_PER_CHUNK)
        offsets = chain.from_iterable(context.executor.map(_pack_chunk, shared, chunks))
        text = TEXT_PARAMETER
        statement = f"INSERT INTO articles VALUES (?, ?, ?, ?, {text}, {text}, {text}, ?, {text}, {text})"
        for i, (number, slot, offset) in enumerate(zip(numbers.tolist(), slots.tolist(), offsets, strict=True)):
            article = updated.articles[i]
            article_id, version_of, path, source, published = map(to_sqlite_text, _text_values(article))
            story, run = story_of.get(number, 0), run_of.get(number, self.run)
            row = (number, slot, story, run, article_id, version_of, path, article.record, source, published)
            db.execute(statement, row)
            db.execute("INSERT INTO texts VALUES (?, ?)", (slot, spool.read(offset)))
            context.progress.advance()
        if len(numbers):
            columns.append_rows(db, int(slots[0]), state.rows[start:], updated.line_keys)

    def write_stories(self, stories: Stories) -> CommittedUpdate:
        """Write the rebuilt stories and the history of all stories that changed."""
        aliases: list[tuple[str, ...]] = []
        changes: list[Change | None] = []
        written_stories: set[int] = set()
        for index in range(len(stories)):
            member, draft = stories.source_indices(index)
            story, identity = self._story_numbers[member], self._identities[member]
            articles = self._numbers[self._update.matched[stories.members_of(index)]].tolist()
            self._write_story(story, stories, index, draft, articles)
            is_changed = identity.change not in {None, Change.NEW}  # the row in `stories` records the creation
            if is_changed:
                changed_articles = [i for i in articles if i in self._changed] or articles
                self._add_event(story, str(identity.change), changed_articles, identity.other_stories)
            for absorbed_story in identity.absorbed:
                self._db.execute("UPDATE stories SET became = ? WHERE story = ?", (story, absorbed_story))
                self._add_event(absorbed_story, "became", others=[story])
            written_stories.add(story)
            changes.append(identity.change)
            aliases.append(_load_aliases(self._db, story) if is_changed else ())
        left_stories = set(self._update.stored.stories[self._is_leaving].tolist()) - written_stories
        is_empty = "NOT EXISTS (SELECT 1 FROM articles WHERE articles.story = stories.story)"
        statement = f"SELECT story FROM stories WHERE became IS NULL AND {is_empty} AND story IN"
        for (story,) in sorted(execute_in(self._db, statement, left_stories)):
            self._add_event(story, "gone")
        return CommittedUpdate(self._update, stories, changes, aliases)

    def _write_story(self, story: int, stories: Stories, index: int, draft: int, articles: Sequence[int]) -> None:
        weakest = float(stories.drafts.weakest[draft]) if draft >= 0 else 1.0
        bridges = _find_article_numbers(self._db, stories.drafts.bridges[draft] if draft >= 0 else ())
        self._db.execute(
            "INSERT INTO stories VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT (story) "
            "DO UPDATE SET weakest = excluded.weakest, bridges = excluded.bridges",
            (story, stories.ids[index].decode(), self.run, weakest, json.dumps(bridges)),
        )
        statement = "UPDATE articles SET story = ? WHERE article = ? AND story <> ?"
        self._db.executemany(statement, [(story, i, story) for i in articles])

    def _add_event(self, story: int, change: str, articles: Iterable[int] = (), others: Iterable[int] = ()) -> None:
        detail = json.dumps({"articles": list(articles), "others": list(others)})
        statement = "INSERT INTO history (story, run, change, detail) VALUES (?, ?, ?, ?)"
        self._db.execute(statement, (story, self.run, change, detail))


def _assign_article_numbers(db: sqlite3.Connection, update: Update) -> Ints:
    """Return the numbers of all articles in `update.state`, with new numbers for those that have none."""
    numbers = update.state.numbers.copy()
    new_indices = np.flatnonzero(numbers < 0)
    first = int(get_meta(db, "next_article", 1))
    numbers[new_indices] = first + np.arange(len(new_indices))
    set_meta(db, "next_article", first + len(new_indices))
    last_slot = int(update.state.slots.max(initial=-1))  # removed articles have slots too
    set_meta(db, "next_slot", max(int(get_meta(db, "next_slot", 0)), last_slot + 1))
    return numbers


def _find_stories(stored: ArticleColumns, numbers: Ints) -> dict[int, int]:
    """Return the stories of those articles that are stored, by number."""
    indices = np.flatnonzero(is_in(stored.numbers, numbers))
    return dict(zip(stored.numbers[indices].tolist(), stored.stories[indices].tolist(), strict=True))


def _pack_chunk(shared: tuple[Articles, Sequence[Report], Spool], indices: range) -> Ints:
    articles, reports, spool = shared
    offsets: Ints = spool.add([codec.pack_record(articles.read_as_loaded(i), reports[i]) for i in indices])
    return offsets


def _content_hex(content: Hashes) -> bytes:
    return b"%016x%016x" % tuple(content.tolist())


def _unused_story_id(db: sqlite3.Connection, default_id: bytes, run: int) -> bytes:
    """Return the default id of a story, which derives from its content, or another one if it was ever used."""
    story_id, attempt = default_id, 0
    while db.execute("SELECT 1 FROM stories WHERE story_id = ?", (story_id.decode(),)).fetchone():
        attempt += 1
        story_id = hashlib.blake2b(b"%b %d %d" % (default_id, run, attempt), digest_size=8).hexdigest().encode()
    return story_id


def _write_pairs(db: sqlite3.Connection, removed: Pairs, added: PairScores) -> None:
    db.executemany("DELETE FROM pairs WHERE i = ? AND j = ?", removed.tolist())
    rows = (
        (i, j, x.probability, x.containment, x.similarity, x.relation.value, x.direction.value, is_template)
        for (i, j), x, is_template in zip(
            added.pairs.tolist(), added.iter_scores(), added.is_template.tolist(), strict=True
        )
    )
    db.executemany("INSERT INTO pairs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _write_outlet_tables(db: sqlite3.Connection, changed: OutletTables) -> None:
    for outlet, signature in changed.signatures.items():
        outlet_key, table = to_sqlite_int(outlet), changed.tables[outlet]
        db.execute("DELETE FROM boilerplate WHERE outlet = ?", (outlet_key,))
        db.execute("DELETE FROM outlets WHERE outlet = ?", (outlet_key,))
        if signature:
            db.execute("INSERT INTO outlets VALUES (?, ?)", (outlet_key, signature))
        for (name, line), articles in table.article_counts.items():
            words, coarse = table.lookup_keys[name, line]
            row = (outlet_key, line, name, articles, words, coarse.to_bytes(8, "little"))
            db.execute("INSERT INTO boilerplate VALUES (?, ?, ?, ?, ?, ?)", row)


def _find_article_numbers(db: sqlite3.Connection, article_ids: Iterable[str]) -> list[int]:
    statement = f"SELECT article FROM articles WHERE article_id = {TEXT_PARAMETER}"
    return sorted(row[0] for article_id in article_ids for row in db.execute(statement, (to_sqlite_text(article_id),)))


def _load_aliases(db: sqlite3.Connection, story: int) -> tuple[str, ...]:
    """Return the ids of all stories that were merged into this one, directly or not."""
    statement = (
        f"{MERGED_STORIES} SELECT story_id FROM stories JOIN one USING (story) WHERE story <> ? ORDER BY story_id"
    )
    return tuple(story_id for (story_id,) in db.execute(statement, (story, story)))
