"""A change of a store, written: the one place that puts articles, pairs and stories into its tables."""

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

from newsdedup.arrays import Ragged
from newsdedup.engine.executor import ARTICLES_A_CHUNK, spread
from newsdedup.engine.intake import Articles
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.story_list import Stories, tell_several
from newsdedup.engine.workspace import Spool
from newsdedup.models import Report
from newsdedup.models.store import Change
from newsdedup.store import codec, columns, outlet_lines, shingle_index
from newsdedup.store.database import now
from newsdedup.store.pair_changes import STANDING
from newsdedup.store.state import Means
from newsdedup.store.stored_articles import TEXT, as_text, chosen, delete, fact, set_fact
from newsdedup.store.story_ids import Kept, Now, keep_ids
from newsdedup.store.update import Growth
from newsdedup.tasks import chunks_of

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Written:
    """What was written: the stories that were made anew, how each changed (None: not at all), and their aliases."""

    stories: Stories
    changes: Sequence[Change | None]
    aliases: Sequence[tuple[str, ...]]
    run: int


class _Names(NamedTuple):
    numbers: Sequence[int]
    kept: Sequence[Kept]


def write(db: sqlite3.Connection, growth: Growth, means: Means, action: str, counts: Mapping[str, object]) -> Written:
    """Write what a store becomes into the transaction that is open; returns the stories that it reached, told."""
    run = int(db.execute("SELECT coalesce(max(run), 0) + 1 FROM runs").fetchone()[0])
    numbers = _numbered(db, growth)
    told: list[_Names] = []

    def naming(members: Ragged, natural: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
        found = _named(db, growth, numbers, members, natural, run)
        told.append(found[0])
        return found[1]

    spool = means.workspace.spool("stories")
    drafts = tell_several(growth.matched, spool, means.workers, means.progress)
    means.progress.stage("store", None)
    content = growth.states.rows["content"].reshape(-1, 2)[growth.reached]
    stories = Stories(growth.matched, content, drafts, spool, naming)
    _write_articles(db, growth, numbers, means, run)
    _write_pairs(db, growth)
    outlet_lines.write(db, growth.repeated)
    if len(growth.postings):
        shingle_index.append(db, growth.postings)
    written = _write_stories(db, growth, stories, told[0], drafts.weakest, drafts.bridges, numbers, run)
    changes = Counter(each.value for each in written.changes if each is not None)
    db.execute("INSERT INTO runs VALUES (?, ?, ?, ?)", (run, now(), action, json.dumps({**counts, "changes": changes})))
    return written


def _numbered(db: sqlite3.Connection, growth: Growth) -> Ints:
    """Return the numbers of all articles in `growth.states`, new ones for those that have none."""
    numbers = growth.states.numbers.copy()
    new = np.flatnonzero(numbers < 0)
    first = int(fact(db, "next_article", 1))
    numbers[new] = first + np.arange(len(new))
    set_fact(db, "next_article", first + len(new))
    own = growth.states.slots.max(initial=-1)
    set_fact(db, "next_slot", max(int(fact(db, "next_slot", 0)), int(own) + 1))  # what left had one as well
    return numbers


def _write_articles(db: sqlite3.Connection, growth: Growth, numbers: Ints, means: Means, run: int) -> None:
    states, known = growth.states, growth.known
    leaving = ~states.after[: len(known)]
    gone = known.slots[leaving]
    delete(db, "DELETE FROM texts WHERE slot IN", gone)
    again = dict(zip(known.numbers.tolist(), known.stories.tolist(), strict=True))
    born = dict(chosen(db, "SELECT article, run FROM articles WHERE article IN", known.numbers[leaving]))
    delete(db, "DELETE FROM articles WHERE slot IN", gone)
    spool = means.workspace.spool("records")
    start = len(known)
    places = iter(
        place
        for chunk in spread(
            _pack,
            (growth.cleaned.articles, growth.cleaned.reports, spool),
            chunks_of(len(growth.cleaned.articles), ARTICLES_A_CHUNK),
            means.workers,
        )
        for place in chunk
    )
    for i, place in enumerate(places):
        article, record = growth.cleaned.articles[i], spool.read(place)
        slot, number = int(states.slots[start + i]), int(numbers[start + i])
        db.execute(
            f"INSERT INTO articles VALUES (?, ?, ?, ?, {TEXT}, {TEXT}, {TEXT}, ?, {TEXT}, {TEXT})",
            (
                number, slot, again.get(number, 0), born.get(number, run), as_text(article.article_id),
                as_text(article.version_of), as_text(article.path), article.record, as_text(article.source),
                as_text(article.published),
            ),
        )  # fmt: skip
        db.execute("INSERT INTO texts VALUES (?, ?)", (slot, record))
        means.progress.advance()
    if len(growth.cleaned.articles):
        columns.append(db, int(states.slots[start]), states.rows[start:], growth.cleaned.lines)


def _pack(shared: tuple[Articles, Sequence[Report], Spool], at: range) -> Ints:
    articles, reports, spool = shared
    rows: Ints = spool.add([codec.pack(articles.as_loaded(i), reports[i]) for i in at]).rows
    return rows


def _write_pairs(db: sqlite3.Connection, growth: Growth) -> None:
    db.executemany("DELETE FROM pairs WHERE i = ? AND j = ?", growth.dropped.tolist())
    db.executemany(
        f"INSERT INTO pairs ({', '.join(STANDING)}, template) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        _pair_rows(growth.scored, growth.templates.tolist()),
    )


def _pair_rows(scored: PairScores, templates: Sequence[bool]) -> Iterator[tuple[object, ...]]:
    for (i, j), found, template in zip(scored.pairs.tolist(), scored.scores(), templates, strict=True):
        yield (
            i, j, found.probability, found.containment, found.similarity, found.relation.value, found.direction.value,
            int(template),
        )  # fmt: skip


def _named(
    db: sqlite3.Connection, growth: Growth, numbers: Ints, members: Ragged, natural: NDArray[np.bytes_], run: int
) -> tuple[_Names, NDArray[np.bytes_]]:
    """Return of each story the number and how it was kept, and its id."""
    states, known = growth.states, growth.known
    local = numbers[growth.reached]
    content = states.rows["content"][growth.reached]
    fresh = frozenset(numbers[len(known) :].tolist()) - growth.cleaned.same
    touched = np.concatenate([local, known.numbers[~states.after[: len(known)]]])
    place = np.searchsorted(known.numbers, touched)
    there = place < len(known)
    there[there] = known.numbers[place[there]] == touched[there]
    before = dict(zip(touched[there].tolist(), known.stories[place[there]].tolist(), strict=True))
    stories = [
        Now(local[own].tolist(), fresh, min(_digits(content[at]) for at in own.tolist()))
        for own in (members[i] for i in range(len(members)))
    ]
    kept = keep_ids(before, stories)
    old = dict(
        chosen(db, "SELECT story, story_id FROM stories WHERE story IN", [k.story for k in kept if k.story is not None])
    )
    next_story = int(fact(db, "next_story", 1))
    ids, own_numbers = natural.copy(), []
    for i, each in enumerate(kept):
        if each.story is not None:
            own_numbers.append(each.story)
            ids[i] = old[each.story].encode()
        else:
            own_numbers.append(next_story)
            ids[i] = _unused(db, natural[i], run)
            next_story += 1
    set_fact(db, "next_story", next_story)
    return _Names(own_numbers, kept), ids


def _digits(content: NDArray[np.uint64]) -> bytes:
    return b"%016x%016x" % tuple(content.tolist())


def _unused(db: sqlite3.Connection, natural: bytes, run: int) -> bytes:
    """Return the id that follows from a story's content, or another where a story has had it."""
    name, again = natural, 0
    while db.execute("SELECT 1 FROM stories WHERE story_id = ?", (name.decode(),)).fetchone():
        again += 1
        name = hashlib.blake2b(b"%b %d %d" % (natural, run, again), digest_size=8).hexdigest().encode()
    return name


def _write_stories(
    db: sqlite3.Connection,
    growth: Growth,
    stories: Stories,
    named: _Names,
    weakest: NDArray[np.float64],
    bridges: Sequence[tuple[str, ...]],
    numbers: Ints,
    run: int,
) -> Written:
    local = numbers[growth.reached]
    fresh = set(numbers[len(growth.known) :].tolist()) - growth.cleaned.same
    changes: list[Change | None] = []
    aliases: list[tuple[str, ...]] = []
    living: set[int] = set()
    for at in range(len(stories)):
        member, draft = stories.source(at)
        story, kept = named.numbers[member], named.kept[member]
        living.add(story)
        row = (
            (float(weakest[draft]), json.dumps(sorted(_numbers_of(db, bridges[draft])))) if draft >= 0 else (1.0, "[]")
        )
        db.execute(
            "INSERT INTO stories VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT (story) "
            "DO UPDATE SET weakest = excluded.weakest, bridges = excluded.bridges",
            (story, stories.ids[at].decode(), run, *row),
        )
        own = local[stories.members(at)].tolist()
        db.executemany(
            "UPDATE articles SET story = ? WHERE article = ? AND story <> ?", [(story, i, story) for i in own]
        )
        changes.append(kept.change)
        if kept.change not in {None, Change.NEW}:  # of a new one its row tells it
            detail = {"articles": [i for i in own if i in fresh] or own, "others": list(kept.others)}
            _event(db, story, run, str(kept.change), detail)
        for other in kept.became:
            db.execute("UPDATE stories SET became = ? WHERE story = ?", (story, other))
            _event(db, other, run, "became", {"articles": [], "others": [story]})
        aliases.append(_aliases(db, story) if kept.change not in {None, Change.NEW} else ())
    touched = set(growth.known.stories[~growth.states.after[: len(growth.known)]].tolist()) - living
    for story in sorted(touched):
        empty = not db.execute("SELECT 1 FROM articles WHERE story = ? LIMIT 1", (story,)).fetchone()
        became = db.execute("SELECT became FROM stories WHERE story = ?", (story,)).fetchone()
        if empty and became == (None,):
            _event(db, story, run, "gone", {"articles": [], "others": []})
    return Written(stories, changes, aliases, run)


def _numbers_of(db: sqlite3.Connection, article_ids: Sequence[str]) -> Iterator[int]:
    for each in article_ids:
        yield from (
            row[0] for row in db.execute(f"SELECT article FROM articles WHERE article_id = {TEXT}", (as_text(each),))
        )


def _event(db: sqlite3.Connection, story: int, run: int, change: str, detail: Mapping[str, object]) -> None:
    db.execute(
        "INSERT INTO history (story, run, change, detail) VALUES (?, ?, ?, ?)", (story, run, change, json.dumps(detail))
    )


def _aliases(db: sqlite3.Connection, story: int) -> tuple[str, ...]:
    """Return the ids of all stories that became this one."""
    found = db.execute(
        "WITH RECURSIVE one(story) AS (SELECT ? UNION SELECT s.story FROM stories s JOIN one ON s.became = one.story) "
        "SELECT story_id FROM stories JOIN one USING (story) WHERE story <> ? ORDER BY story_id",
        (story, story),
    )
    return tuple(row[0] for row in found)
