"""A store: ingested articles and their stories in one SQLite file, so that later runs are matched against earlier ones.

    with Store("news.db") as store:
        result = store.ingest(load(["new/"]))
        for story in result.stories:
            print(story.change, story.story_id, story.title)

However a corpus is split over runs, its stories are the same as if it had been ingested at once. Only their ids depend
on the order of the runs, because an id never changes once it is assigned. docs/store.md describes what a store holds
and guarantees.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self, overload

import numpy as np

from newsdedup.arrays import Ints
from newsdedup.config import Config
from newsdedup.engine.context import RunContext, open_context
from newsdedup.engine.run import Run, count_stories
from newsdedup.engine.state import Constraints
from newsdedup.engine.update import update
from newsdedup.errors import NewsdedupError, StoreError
from newsdedup.execution import Progress
from newsdedup.models import Item, LoneStory, Result, Story, Summary
from newsdedup.models.store import (
    Change,
    ChangedStory,
    Decision,
    Explanation,
    StoreResult,
    StoreStats,
    StoreSummary,
    StoryHistory,
    Verification,
)
from newsdedup.readers.dates import date_interval
from newsdedup.store import columns, queries, shingle_index
from newsdedup.store.compatibility import check_versions, reset_derived_data
from newsdedup.store.constraints import (
    decide_join,
    decide_split,
    list_decisions,
    load_constraints,
    remove_from_decisions,
    undo_decision,
)
from newsdedup.store.corpus import StoreCorpus
from newsdedup.store.database import connect, damage_error, get_meta, set_meta, to_user_error, write_transaction
from newsdedup.store.export import load_stories
from newsdedup.store.integrity import find_first_problem, verify_store
from newsdedup.store.writer import CommittedUpdate, commit

__all__ = ["WAIT", "Store"]

WAIT = 10.0
"""Seconds that a writer waits for another writer by default."""

_NO_ARTICLES = np.empty(0, dtype=np.int64)


def _ended_before(published: str | None, moment: datetime) -> bool:
    """Return whether the whole period that a date stands for is before `moment`."""
    interval = date_interval(published) if published is not None else None
    return interval is not None and interval[1] <= moment


class ChangedStories(Sequence[ChangedStory]):
    """The stories that a run changed, in output order. Each is built when it is read."""

    def __init__(self, committed: CommittedUpdate) -> None:
        self._committed = committed
        changed = [index for index, change in enumerate(committed.changes) if change is not None]
        self.indices: Ints = np.array(changed, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.indices)

    @overload
    def __getitem__(self, index: int) -> ChangedStory: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ChangedStory]: ...
    def __getitem__(self, index: int | slice) -> ChangedStory | Sequence[ChangedStory]:
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        story_index, committed = int(self.indices[index]), self._committed
        fields = dict(committed.stories[story_index])
        fields |= {"change": committed.changes[story_index], "aliases": committed.aliases[story_index]}
        return ChangedStory.model_construct(**fields)

    def get_lone(self, index: int) -> LoneStory | None:  # noqa: ARG002 - as in `Stories`
        """Return None: these stories have more parts than others."""
        return None


@dataclass(frozen=True)
class StoreRun(Run):
    """The result of a run on a store. As in `Run`, stories are built on access."""

    stories: ChangedStories
    summary: StoreSummary

    def to_result(self) -> StoreResult:
        """Return everything at once, in memory."""
        return StoreResult.model_construct(stories=tuple(self.stories), rejected=self.rejected, summary=self.summary)


class Store:
    """A store of articles and stories in a file. It is a context manager: the file is open inside the `with` block.

    With `create`, a missing file is created. `config` is the same as for `dedupe`; the `min_probability` of a store is
    that of its first run. If another process is writing, a write waits up to `wait` seconds for it. Raises StoreError
    if the file cannot be used.
    """

    def __init__(
        self, path: str | os.PathLike[str], config: Config | None = None, *, create: bool = True, wait: float = WAIT
    ) -> None:
        self.path = Path(path)
        self._config = config or Config()
        self._create, self._wait = create, wait
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        self._connection = connect(self.path, create=self._create, wait=self._wait)
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreError(f"the store {self.path} is not open; use it as: with Store(path) as store")
        return self._connection

    # -- ingest --------------------------------------------------------------------------------------------------------

    def ingest(self, items: Iterable[Item], *, progress: Progress | None = None) -> StoreResult:
        """Add articles in any form that `dedupe` takes. Returns changed stories, rejected records and counts.

        Raises what `dedupe` raises, and StoreError if the store cannot be written.
        """
        with self.open_run(items, progress=progress) as run:
            return run.to_result()

    @contextmanager
    def open_run(self, items: Iterable[Item], *, progress: Progress | None = None) -> Iterator[StoreRun]:
        """Like `ingest`, but build the stories one by one. The articles are committed before the block is entered."""
        with open_context(self._config, progress) as context:
            with self._write_transaction(context):
                constraints = load_constraints(self._db)
                pending = update(StoreCorpus(self._db), items, constraints=(constraints, constraints), run=context)
                batch, new_count = pending.incoming.batch, pending.incoming.new_count
                counts = {"new": new_count, "repeated": batch.repeated}
                counts |= {"rejected": len(batch.rejected), "skipped": batch.skipped}
                committed = commit(self._db, pending, context, "ingest", counts)
            yield self._build_run(committed, context)

    # -- decide, forget, rebuild ---------------------------------------------------------------------------------------

    def split(self, story_id: str, article_ids: Sequence[str]) -> StoreResult:
        """Move articles out of their story permanently; `undo` reverts it. Returns the stories that changed."""
        return self._apply_decision(lambda: decide_split(self._db, story_id, article_ids), "split")

    def join(self, story_id: str, other_id: str) -> StoreResult:
        """Merge two stories permanently; `undo` reverts it. Returns the stories that changed."""
        return self._apply_decision(lambda: decide_join(self._db, story_id, other_id), "join")

    def undo(self, decision: int) -> StoreResult:
        """Revert a decision of `split` or `join`, given by its number. Returns the stories that changed."""
        return self._apply_decision(lambda: undo_decision(self._db, decision), "undo")

    def _apply_decision(self, decide: Callable[[], None], action: str) -> StoreResult:
        with open_context(self._config) as context:
            with self._write_transaction(context):
                before = load_constraints(self._db)
                decide()
                committed = self._commit_update(action, context, before, load_constraints(self._db))
            return self._build_run(committed, context).to_result()

    def forget(
        self, article_ids: Iterable[str] = (), *, before: str | None = None, source: str | None = None
    ) -> StoreResult:
        """Remove articles, their texts and everything derived from them. Returns the stories that changed.

        Removes the articles with the given ids, and those that were published before a date (ISO 8601) and came from a
        source; where only one of the two is given, that one decides. An article without a date is not before any date,
        nor is one that may be later: `2026-01` is not before `2026-01-15`.

        Raises StoreError for an unknown id, an invalid date, an empty source, or if no article matches.
        """
        with open_context(self._config) as context:
            with self._write_transaction(context):
                numbers = self._select_articles(article_ids, before, source)
                constraints = load_constraints(self._db)
                remaining = load_constraints(self._db, frozenset(numbers.tolist()))
                committed = self._commit_update("forget", context, constraints, remaining, numbers)
                remove_from_decisions(self._db, numbers.tolist())
                is_dead = committed.update.state.is_unused_slot
                shingle_index.compact(self._db, is_dead)
                columns.compact(self._db, is_dead)
            # Copies the log into the file and empties it, which erases the removed text. Not possible while a reader
            # still sees the state before.
            is_busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            result = self._build_run(committed, context).to_result()
            if not is_busy:
                return result
            warning = f"{self.path} is open in another process; forgotten text is erased once it is closed there"
            summary = result.summary.model_copy(update={"warnings": (*result.summary.warnings, warning)})
            return result.model_copy(update={"summary": summary})

    def _select_articles(self, article_ids: Iterable[str], before: str | None, source: str | None) -> Ints:
        interval = date_interval(before) if before is not None else None
        if before is not None and interval is None:
            raise StoreError(f"--before {before} is not a date; give it as 2026-01-31")
        if source is not None and not source.strip():
            raise StoreError("--source is empty; give the name of a source")
        numbers = {queries.get_article_number(self._db, article_id) for article_id in article_ids}
        if before is not None or source is not None:
            rows = self._db.execute("SELECT article, published, source FROM articles").fetchall()
            numbers |= {
                number
                for number, published, article_source in rows
                if (interval is None or _ended_before(published, interval[0]))
                and (source is None or (article_source or "").strip().casefold() == source.strip().casefold())
            }
        if not numbers:
            raise StoreError("no article matches, nothing was forgotten; 'newsdedup store export' lists the articles")
        return np.array(sorted(numbers), dtype=np.int64)

    def rebuild(self, *, progress: Progress | None = None) -> StoreResult:
        """Clean and match all articles again with the current version and model; ids and decisions stay.

        Returns the stories that changed.
        """
        with open_context(self._config, progress) as context:
            with self._write_transaction(context, rebuild=True):
                constraints = load_constraints(self._db)
                reset_derived_data(self._db)
                committed = self._commit_update("rebuild", context, constraints, constraints)
                columns.compact(self._db, committed.update.state.is_unused_slot)
            return self._build_run(committed, context).to_result()

    def _commit_update(
        self, action: str, context: RunContext, before: Constraints, after: Constraints, removed: Ints = _NO_ARTICLES
    ) -> CommittedUpdate:
        """Update the store without new articles; its constraints change from `before` to `after`."""
        is_rebuild = action == "rebuild"
        pending = update(StoreCorpus(self._db), (), removed, (before, after), run=context, rebuild=is_rebuild)
        return commit(self._db, pending, context, action, {"forgotten": len(removed)} if len(removed) else {})

    # -- query ---------------------------------------------------------------------------------------------------------

    def stats(self) -> StoreStats:
        """Return the counts, size and versions of the store."""
        with self._read_transaction():
            return queries.collect_stats(self._db, self.path)

    def history(self, story_id: str) -> StoryHistory:
        """Return the events of a story. The id of a story that was merged into another one resolves to that one."""
        with self._read_transaction():
            return queries.load_history(self._db, story_id)

    def decisions(self) -> list[Decision]:
        """Return all decisions of `split` and `join`, oldest first."""
        with self._read_transaction():
            return list_decisions(self._db)

    def explain(self, article_id: str) -> Explanation:
        """Return why an article is in its story, and why the nearest other articles are not."""
        with open_context(self._config) as context, self._read_transaction(context):
            return queries.explain_article(self._db, article_id, load_constraints(self._db), context)

    def verify(self) -> Verification:
        """Check the file, the consistency of its tables, and that clustering the stored pairs gives the stories."""
        with open_context(self._config) as context, self._read_transaction(context):
            return verify_store(self._db, load_constraints(self._db), context)

    def show(self, story_id: str) -> Story:
        """Return a story as it is now, without its links; the id of a merged story resolves."""
        (story,) = self.load_story_result(story_id).stories
        return story

    def load_story_result(self, story_id: str) -> Result:
        """Return the story of `show` as a `Result`, ready to render."""
        with open_context(self._config) as context:
            return self._load_run(context, story_id).to_result()

    @contextmanager
    def open_export(self, *, progress: Progress | None = None) -> Iterator[Run]:
        """Yield all stories, in the form in which `ingest` returns those of a run."""
        with open_context(self._config, progress) as context:
            yield self._load_run(context)

    def _load_run(self, context: RunContext, story_id: str | None = None) -> Run:
        """Return all stories, or one, as a run; a store keeps no rejected records."""
        with self._read_transaction():
            story = queries.find_live_story(self._db, story_id) if story_id is not None else None
            stories = load_stories(self._db, load_constraints(self._db), context, story)
        articles, empty_count, counts = int(stories.sizes.sum()), stories.empty_count, count_stories(stories)
        summary = Summary(
            records=articles, articles=articles, repeated=0, rejected=0, skipped=0, body_empty=empty_count, **counts
        )
        return Run(stories, (), summary, context.executor)

    @contextmanager
    def open_corpus(
        self, context: RunContext
    ) -> Iterator[tuple[StoreCorpus, Callable[[Collection[int]], Constraints]]]:
        """Yield one snapshot of the store, to look at an update without writing it.

        Also yields a function that returns the constraints on the stored articles, except those of the given numbers.
        Waits for no other process. Raises StoreError if the store was made with another version of the cleaner, the
        fingerprints or the model than `context` has, or with another explicit `min_probability`.
        """
        with self._read_transaction(context):
            self._check_min_probability(context.config)
            yield StoreCorpus(self._db), lambda excluded: load_constraints(self._db, excluded)

    # -- transactions --------------------------------------------------------------------------------------------------

    @contextmanager
    def _read_transaction(self, context: RunContext | None = None) -> Iterator[None]:
        """Hold one snapshot of the store for reading. With `context`, check the versions that it was made with."""
        with self._report_damage():
            self._db.execute("BEGIN")
            try:
                if context is not None:
                    check_versions(self._db, self.path, context, read_only=True)
                yield
            finally:
                self._db.execute("ROLLBACK")

    @contextmanager
    def _report_damage(self) -> Iterator[None]:
        """Turn an unexpected error into a StoreError if the store turns out to be damaged."""
        try:
            yield
        except (NewsdedupError, OSError):
            raise
        except Exception as error:
            if problem := find_first_problem(self._db):
                raise damage_error(self.path, problem) from None
            if isinstance(error, sqlite3.Error):
                raise to_user_error(error, self.path) from None
            raise

    @contextmanager
    def _write_transaction(self, context: RunContext, *, rebuild: bool = False) -> Iterator[None]:
        """Lock the store for one write, after checking that it was made with the versions and settings of `context`."""
        is_explicit = "min_probability" in self._config.model_fields_set
        with self._report_damage(), write_transaction(self._db, self.path, self._wait):
            check_versions(self._db, self.path, context, rebuild=rebuild)
            if get_meta(self._db, "min_probability") is None or (rebuild and is_explicit):
                set_meta(self._db, "min_probability", self._config.min_probability)
            else:
                self._check_min_probability(self._config)
            yield

    def _check_min_probability(self, config: Config) -> None:
        """Raise StoreError if the settings name another `min_probability` than the store was made with."""
        stored, requested = get_meta(self._db, "min_probability"), config.min_probability
        if "min_probability" in config.model_fields_set and stored not in {None, requested}:
            raise StoreError(
                f"the store {self.path} was made with --min-probability {stored}, not {requested}: leave the option "
                f"out, or run: newsdedup store rebuild --store {self.path} --min-probability {requested}"
            )

    def _build_run(self, committed: CommittedUpdate, context: RunContext) -> StoreRun:
        incoming, state = committed.update.incoming, committed.update.state
        batch, new_count = incoming.batch, incoming.new_count
        stories, changes = ChangedStories(committed), Counter(committed.changes)
        article_count, story_count = queries.count_contents(self._db)
        summary = StoreSummary(
            records=new_count + batch.repeated + len(batch.rejected),
            articles=new_count,
            repeated=batch.repeated,
            rejected=len(batch.rejected),
            skipped=batch.skipped,
            body_empty=int((state.rows["word_count"][state.numbers < 0] == 0).sum()),
            warnings=batch.warnings,
            changes={change: changes[change] for change in Change},
            store_articles=article_count,
            store_stories=story_count,
            **count_stories(committed.stories, stories.indices),
        )
        return StoreRun(stories, batch.rejected, summary, context.executor)
