"""A store: what was ingested, kept in one SQLite file, so that the next articles are held against all before.

    with Store("news.db") as store:
        result = store.ingest(load(["new/"]))
        for story in result.stories:
            print(story.change, story.story_id, story.title)

However a corpus is parted over runs, the stories are those of the corpus ingested at once; only their ids depend on
what came first, since they stay. What is kept, and what is promised: docs/store.md.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, overload

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from newsdedup.clean import LineTable
from newsdedup.config import Config
from newsdedup.engine import least_certain
from newsdedup.engine.executor import Progress, Resources, Silent
from newsdedup.engine.story_list import STORIES_A_CHUNK, Stories, json_lines
from newsdedup.engine.workspace import Workspace
from newsdedup.errors import NewsdedupError, StoreError
from newsdedup.idf import load_background
from newsdedup.models import Article, Loaded, Rejected, Result, Story, Summary
from newsdedup.models.store import (
    Change,
    ChangedStory,
    Decision,
    Explanation,
    StoreStats,
    StoreSummary,
    StoryHistory,
    Verification,
)
from newsdedup.readers.dates import span
from newsdedup.render.json_text import to_json
from newsdedup.score import load_model
from newsdedup.store import columns, outlet_lines, shingle_index
from newsdedup.store.compatibility import made_with
from newsdedup.store.constraints import decide_join, decide_split, decided, decisions, undo
from newsdedup.store.constraints import forget as leave_out
from newsdedup.store.database import connect, damaged, told, writing
from newsdedup.store.export import told_stories
from newsdedup.store.integrity import first_problem, verify
from newsdedup.store.queries import article_number, explain, history, living, stats
from newsdedup.store.renewal import renew
from newsdedup.store.state import Decided, Means
from newsdedup.store.stored_articles import fact, set_fact
from newsdedup.store.update import Growth, grow, neighbours
from newsdedup.store.writer import Written, write
from newsdedup.thresholds import DOUBTFUL

__all__ = ["WAIT", "Store", "StoreRun"]

WAIT = 10.0
"""Seconds that a writer waits for another by default."""


_NOBODY = np.empty(0, dtype=np.int64)


def _is_before(published: str | None, moment: datetime) -> bool:
    """Tell whether all that a date covers is before a moment."""
    covered = span(published) if published is not None else None
    return covered is not None and covered[1] <= moment


class TouchedStories(Sequence[ChangedStory]):
    """The stories that a run changed, in the order of printing, made when they are asked for."""

    def __init__(self, written: Written) -> None:
        self._written = written
        self._places = [at for at, change in enumerate(written.changes) if change is not None]

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> ChangedStory: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[ChangedStory]: ...
    def __getitem__(self, at: int | slice) -> ChangedStory | Sequence[ChangedStory]:
        if isinstance(at, slice):
            return [self[i] for i in range(len(self))[at]]
        place = self._places[at]
        story = self._written.stories[place]
        return ChangedStory.model_construct(
            **{name: getattr(story, name) for name in type(story).model_fields},
            change=self._written.changes[place],
            aliases=self._written.aliases[place],
        )

    def line(self, at: int) -> str:
        """Return a story as a line of JSON."""
        return to_json(self[at])


@dataclass(frozen=True)
class StoreRun:
    """What a run over a store has found and kept: `stories` are those that it touched, with how they changed."""

    stories: TouchedStories
    rejected: tuple[Rejected, ...]
    summary: StoreSummary
    workers: int

    def json_lines(self, progress: Progress | None = None) -> Iterator[bytes]:
        """Yield the stories as lines of JSON in UTF-8, many at a time."""
        progress = progress or Silent()
        progress.stage("write", len(self.stories))
        for chunk in json_lines(self.stories, self.workers):
            yield chunk
            progress.advance(STORIES_A_CHUNK)

    def result(self) -> Result:
        """Return everything at once, in memory."""
        return Result.model_construct(stories=tuple(self.stories), rejected=self.rejected, summary=self.summary)


@dataclass(frozen=True)
class Export:
    """All stories of a store, in the order of printing."""

    stories: Stories
    workers: int
    progress: Progress

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """Nothing: what was rejected is not kept."""
        return ()

    @property
    def summary(self) -> Summary:
        """The counts over what the store holds."""
        articles = int(self.stories.sizes.sum())
        merged = int((self.stories.sizes > 1).sum())
        return Summary(
            records=articles,
            articles=articles,
            repeated=0,
            rejected=0,
            skipped=0,
            stories=len(self.stories),
            merged_stories=merged,
            lone=len(self.stories) - merged,
            body_empty=self.stories.empty,
            conflicts=self.stories.conflicts,
            doubtful=int((self.stories.weakest() < DOUBTFUL).sum()),
            least_certain=least_certain(self.stories),
        )

    def json_lines(self) -> Iterator[bytes]:
        """Yield the stories as lines of JSON in UTF-8, many at a time."""
        self.progress.stage("write", len(self.stories))
        for chunk in json_lines(self.stories, self.workers):
            yield chunk
            self.progress.advance(STORIES_A_CHUNK)

    def result(self) -> Result:
        """Return everything at once, in memory."""
        return Result(stories=tuple(self.stories), rejected=(), summary=self.summary)


class Store:
    """A store of articles and stories in a file, open from the beginning of its block to the end.

    With `create` it is made where there is none. `config` holds what `dedupe` takes; the `min_probability` of a store
    is that of its first run. Another process that writes is waited for `wait` seconds. Raises StoreError where the file
    cannot be used.
    """

    def __init__(
        self, path: str | os.PathLike[str], config: Config | None = None, *, create: bool = True, wait: float = WAIT
    ) -> None:
        self.path = Path(path)
        self._config = config or Config()
        self._create, self._wait = create, wait
        self._opened: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        self._opened = connect(self.path, create=self._create, wait=self._wait)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened is not None:
            self._opened.close()
        self._opened = None

    @property
    def _db(self) -> sqlite3.Connection:
        if self._opened is None:
            raise StoreError(f"the store {self.path} is not open; use it as: with Store(path) as store")
        return self._opened

    # -- ingest --------------------------------------------------------------------------------------------------------

    def ingest(self, items: Iterable[Loaded], *, progress: Progress | None = None) -> Result:
        """Add articles; returns the stories that changed, as `ChangedStory`, what was rejected, and the counts."""
        with self.ingesting(items, progress=progress) as run:
            return run.result()

    @contextmanager
    def ingesting(self, items: Iterable[Loaded], *, progress: Progress | None = None) -> Iterator[StoreRun]:
        """Yield what `ingest` returns, its stories made one by one; when the block begins, all is kept already."""
        with self._means(progress or Silent()) as means:
            with self._writing(means):
                as_it_is = decided(self._db)
                growth = grow(self._db, items, _NOBODY, (as_it_is, as_it_is), means)
                taken = growth.arrived.taken
                counts = {
                    "new": growth.arrived.fresh,
                    "repeated": taken.repeated,
                    "rejected": len(taken.rejected),
                    "skipped": taken.skipped,
                }
                written = write(self._db, growth, means, "ingest", counts)
            yield self._run(growth, written)

    # -- decide, forget, rebuild ---------------------------------------------------------------------------------------

    def split(self, story_id: str, article_ids: Sequence[str]) -> Result:
        """Part articles from their story for good; returns the stories that changed. Undone by `undo`."""
        with self._decided(lambda db: decide_split(db, story_id, article_ids), "split") as run:
            return run.result()

    def join(self, story_id: str, other_id: str) -> Result:
        """Make two stories one for good; returns the stories that changed. Undone by `undo`."""
        with self._decided(lambda db: decide_join(db, story_id, other_id), "join") as run:
            return run.result()

    def undo(self, decision: int) -> Result:
        """Take a decision back; returns the stories that changed."""
        with self._decided(lambda db: undo(db, decision), "undo") as run:
            return run.result()

    @contextmanager
    def _decided(self, decide: Callable[[sqlite3.Connection], object], action: str) -> Iterator[StoreRun]:
        with self._means(Silent()) as means:
            with self._writing(means):
                before = decided(self._db)
                decide(self._db)
                growth, written = self._changed(_NOBODY, (before, decided(self._db)), means, action)
            yield self._run(growth, written)

    def forget(
        self, article_ids: Iterable[str] = (), *, before: str | None = None, source: str | None = None
    ) -> Result:
        """Remove articles, their texts and all that was derived from them; returns the stories that changed.

        Those with the ids, and those that were published before a date (ISO 8601) or came from a source, of both where
        both are given. What has no date is not before any, nor is what may be later, as `2026-01` than the 15th.
        """
        with self._means(Silent()) as means:
            with self._writing(means):
                out = self._chosen(article_ids, before, source)
                as_it_is = decided(self._db)
                left = decided(self._db, frozenset(out.tolist()))
                growth, written = self._changed(out, (as_it_is, left), means, "forget")
                leave_out(self._db, out.tolist())
                dead = growth.states.dead
                shingle_index.compact(self._db, dead)
                columns.compact(self._db, dead)
            # The pages that held them are overwritten, unless somebody still reads what was there before.
            busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            found = self._run(growth, written).result()
            if not busy:
                return found
            warning = f"{self.path} is open elsewhere: what was forgotten leaves the file once nobody has it open"
            told_so = found.summary.model_copy(update={"warnings": (*found.summary.warnings, warning)})
            return found.model_copy(update={"summary": told_so})

    def _chosen(self, article_ids: Iterable[str], before: str | None, source: str | None) -> NDArray[np.int64]:
        bound = span(before) if before is not None else None
        if before is not None and bound is None:
            raise StoreError(f"--before {before} is no date; give it as 2026-01-31")
        if source is not None and not source.strip():
            raise StoreError("--source names nobody; give the name of a source")
        found = {article_number(self._db, each) for each in article_ids}
        if before is not None or source is not None:
            rows = self._db.execute("SELECT article, published, source FROM articles").fetchall()
            found |= {
                number
                for number, published, whose in rows
                if (bound is None or _is_before(published, bound[0]))
                and (source is None or (whose or "").strip().casefold() == source.strip().casefold())
            }
        if not found:
            raise StoreError(
                "no article of the store is meant; nothing was forgotten: see 'store export' for what is there"
            )
        return np.array(sorted(found), dtype=np.int64)

    def rebuild(self, *, progress: Progress | None = None) -> Result:
        """Clean and match all articles again with what there is now; ids and decisions stay.

        Returns the stories that changed.
        """
        with self._means(progress or Silent()) as means:
            with self._writing(means, anew=True):
                as_it_is = decided(self._db)
                renew(self._db)
                growth, written = self._changed(_NOBODY, (as_it_is, as_it_is), means, "rebuild", anew=True)
                columns.compact(self._db, growth.states.dead)
            return self._run(growth, written).result()

    def _changed(
        self, out: NDArray[np.int64], both: tuple[Decided, Decided], means: Means, action: str, *, anew: bool = False
    ) -> tuple[Growth, Written]:
        growth = grow(self._db, (), out, both, means, anew=anew)
        return growth, write(self._db, growth, means, action, {"forgotten": len(out)} if len(out) else {})

    # -- ask -----------------------------------------------------------------------------------------------------------

    def stats(self) -> StoreStats:
        """Return what the store holds."""
        with self._reading():
            return stats(self._db, self.path)

    def history(self, story_id: str) -> StoryHistory:
        """Return what happened to a story; an id that became another's resolves."""
        with self._reading():
            return history(self._db, story_id)

    def decisions(self) -> list[Decision]:
        """Return what was decided, in the order in which it was."""
        with self._reading():
            return decisions(self._db)

    def explain(self, article_id: str) -> Explanation:
        """Return why an article is in its story, and why the nearest others are not."""
        with self._means(Silent()) as means, self._reading(means):
            return explain(self._db, article_id, decided(self._db), means)

    def verify(self) -> Verification:
        """Look for what is wrong with the store: its file, its counts, and stories that its pairs do not make."""
        with self._means(Silent()) as means, self._reading(means):
            return verify(self._db, decided(self._db), means)

    def show(self, story_id: str) -> Story:
        """Return a story as it is now; an id that became another's resolves. Its links are not among what is told."""
        (story,) = self.showing(story_id).stories
        return story

    def showing(self, story_id: str) -> Result:
        """Return a story as `show` does, as a result to render."""
        with self._means(Silent()) as means:
            with self._reading():
                stories = told_stories(self._db, decided(self._db), means, [living(self._db, story_id)], related=False)
            return Export(stories, means.workers, means.progress).result()

    @contextmanager
    def exporting(self, *, progress: Progress | None = None) -> Iterator[Export]:
        """Yield all stories, told as `ingest` tells those of a run."""
        with self._means(progress or Silent()) as means:
            with self._reading():
                stories = told_stories(self._db, decided(self._db), means, related=True)
            yield Export(stories, means.workers, means.progress)

    def near(self, items: Iterable[Loaded], *, progress: Progress | None = None) -> tuple[list[Article], LineTable]:
        """Return the articles of the store that may tell what `items` tell, and what all outlets repeat.

        Nothing is written, and nobody is waited for. Raises StoreError where the store was made with something else.
        """
        with self._means(progress or Silent()) as means, self._reading(means):
            as_it_is = decided(self._db)
            growth = grow(self._db, items, _NOBODY, (as_it_is, as_it_is), means)
            return neighbours(self._db, growth), outlet_lines.whole(self._db, growth.repeated)

    # -- with what -----------------------------------------------------------------------------------------------------

    @property
    def _workers(self) -> int:
        return self._config.workers or os.cpu_count() or 1

    @contextmanager
    def _means(self, progress: Progress) -> Iterator[Means]:
        config = self._config
        with threadpool_limits(limits=1, user_api="blas"), Workspace() as workspace:
            model = load_model(Path(config.model) if config.model is not None else None)
            yield Means(config, self._workers, Resources(load_background(), model), workspace, progress)

    @contextmanager
    def _reading(self, means: Means | None = None) -> Iterator[None]:
        """Read all as it is now, whatever others write meanwhile; with `means`, if the store was made with those."""
        with self._told():
            self._db.execute("BEGIN")
            try:
                if means is not None:
                    made_with(self._db, self.path, means, ask=True)
                yield
            finally:
                self._db.execute("ROLLBACK")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say that the store is damaged where it is, when something fails that cannot fail over a whole one."""
        try:
            yield
        except (NewsdedupError, OSError):
            raise
        except Exception as error:
            if wrong := first_problem(self._db):
                raise damaged(self.path, wrong) from None
            if isinstance(error, sqlite3.Error):
                raise told(error, self.path) from None
            raise

    @contextmanager
    def _writing(self, means: Means, *, anew: bool = False) -> Iterator[None]:
        """Hold the store for one transaction, if it was made with what it is to be used with."""
        given = "min_probability" in self._config.model_fields_set
        with self._told(), writing(self._db, self.path, self._wait):
            made_with(self._db, self.path, means, anew=anew)
            if fact(self._db, "min_probability") is None or (anew and given):
                set_fact(self._db, "min_probability", self._config.min_probability)
            elif given and fact(self._db, "min_probability") != self._config.min_probability:
                raise StoreError(
                    f"the store {self.path} merges pairs at or over {fact(self._db, 'min_probability')}, not "
                    f"{self._config.min_probability}: leave --min-probability out, or run: "
                    f"newsdedup store rebuild --store {self.path} --min-probability {self._config.min_probability}"
                )
            yield

    def _run(self, growth: Growth, written: Written) -> StoreRun:
        stories, taken = TouchedStories(written), growth.arrived.taken
        places = [at for at, change in enumerate(written.changes) if change is not None]
        changed = written.stories.sizes[places]
        merged = int((changed > 1).sum())
        weakest = written.stories.weakest()[places]
        changes = Counter(change for change in written.changes if change is not None)
        articles, whole = (
            self._db.execute(f"SELECT count({what}) FROM articles").fetchone()[0] for what in ("*", "DISTINCT story")
        )
        new = growth.arrived.fresh
        summary = StoreSummary(
            records=new + taken.repeated + len(taken.rejected),
            articles=new,
            repeated=taken.repeated,
            rejected=len(taken.rejected),
            skipped=taken.skipped,
            stories=len(stories),
            merged_stories=merged,
            lone=len(stories) - merged,
            body_empty=int((growth.states.rows["words"][growth.states.numbers < 0] == 0).sum()),
            conflicts=int(written.stories.conflicts_of[places].sum()),
            doubtful=int((weakest < DOUBTFUL).sum()),
            least_certain=least_certain(written.stories, set(places)),
            warnings=taken.warnings,
            changes={change: changes[change] for change in Change},
            store_articles=articles,
            store_stories=whole,
        )
        return StoreRun(stories, taken.rejected, summary, self._workers)
