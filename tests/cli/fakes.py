"""Fakes of the stages, to test the command line on. Also run as a script, with fakes and real streams.

`python fakes.py MODE ARGS...` installs the fakes and runs the command line; MODE picks how `dedupe` behaves.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import ModuleType

from newsdedup.config import Config
from newsdedup.errors import InputError
from newsdedup.execution import SERIAL
from newsdedup.models import (
    Article,
    Cohesion,
    Direction,
    Loaded,
    Paragraph,
    Passage,
    Rejected,
    Relation,
    Result,
    Sentence,
    Story,
    Summary,
    Variant,
)
from newsdedup.models.comparison import ComparedReport, ComparedSignal, Comparison


@dataclass(frozen=True)
class Ran:
    """What one run of the command line left behind."""

    exit_code: int
    stdout: str
    stderr: str


Run = Callable[..., Ran]
"""The `run` fixture: a command line in, what it left behind out."""


TEXT = "The lighthouse on Skerry Vane is lit again, its keeper told this paper on Sunday."
SEEN: list[Config] = []
"""The settings that the fakes were called with, the latest last."""


def load(paths: Sequence[str], config: Config) -> Iterator[Loaded]:
    """Yield an article a path; `many*` hold three, the second of them rejected, `bad*` none; `missing*` raise."""
    SEEN.append(config)
    for path in paths:
        if path.startswith("missing"):
            raise InputError(f"{path} does not exist; check the name")
    return _iterate_items(paths)


def _iterate_items(paths: Sequence[str]) -> Iterator[Loaded]:
    for path in paths:
        if path.startswith("bad"):
            yield Rejected(path=path, record=1, reason="no text")
        elif path.startswith("many"):
            yield _create_article(path, 1)
            yield Rejected(path=path, record=2, reason="no text")
            yield _create_article(path, 3)
        else:
            yield _create_article(path, 1, path)


def _create_article(path: str, record: int, article_id: str | None = None) -> Article:
    return Article(
        article_id=article_id or f"{path}#{record}",
        path=path,
        record=record,
        text=TEXT,
        content_hash=f"{record:032x}",
        title=f"Title of {path}",
    )


def dedupe(items: Iterable[Loaded], config: Config | None = None, *, progress: object = None) -> Result:  # noqa: ARG001
    """Return every article as a story of its own."""
    stage, advance = getattr(progress, "stage", None), getattr(progress, "advance", None)
    if stage:
        stage("load", None)
    stories: list[Story] = []
    rejected: list[Rejected] = []
    for item in items:
        if advance:
            advance()
        if isinstance(item, Article):
            stories.append(_create_story(item))
        elif isinstance(item, Rejected):
            rejected.append(item)
    summary = Summary(
        records=len(stories) + len(rejected),
        articles=len(stories),
        repeated=0,
        rejected=len(rejected),
        skipped=0,
        stories=len(stories),
        merged_stories=0,
        lone=len(stories),
        body_empty=0,
        conflicts=0,
        warnings=("two articles share one id",) if len(stories) > 2 else (),
    )
    return Result(stories=tuple(stories), rejected=tuple(rejected), summary=summary)


def _create_story(article: Article) -> Story:
    passage = Passage(article_id=article.article_id, text=article.text)
    sentence = Sentence(text=article.text, sources=(passage,))
    return Story(
        story_id=article.content_hash[:16],
        title=article.title,
        title_inferred=False,
        published=None,
        language=None,
        body_empty=False,
        text=article.text,
        paragraphs=(Paragraph(text=article.text, added=False, sources=(article.article_id,), sentences=(sentence,)),),
        variants=(
            Variant(
                article_id=article.article_id,
                path=article.path,
                record=article.record,
                title=article.title,
                relation=Relation.BASE,
                direction=Direction.UNKNOWN,
                probability=1,
                containment=1,
                similarity=1,
                content_hash=article.content_hash,
            ),
        ),
        cohesion=Cohesion(weakest=1),
    )


def compare(a: Article, b: Article, config: Config | None = None) -> Comparison:
    """Return a comparison that says that the two are the same report."""
    SEEN.append(config or Config.model_validate({}))
    return Comparison(
        same_report=True,
        probability=0.9,
        threshold=0.5,
        containment=0.8,
        similarity=0.7,
        relation=Relation.REPRINT,
        direction=Direction.UNKNOWN,
        signals=(ComparedSignal(name="covered", value=0.9, contribution=2.0, meaning="share covered"),),
        aligned=(),
        only_a=(0,),
        only_b=(),
        a=_create_compared_report(a),
        b=_create_compared_report(b),
        note="outlet line statistics were not used",
    )


def _create_compared_report(article: Article) -> ComparedReport:
    return ComparedReport(
        article_id=article.article_id,
        path=article.path,
        title=article.title,
        title_inferred=False,
        published=None,
        dateline=None,
        byline=None,
        credit=None,
        sentences=(article.text,),
    )


class FakeStories(tuple[Story, ...]):
    """Stories as a run has them."""

    __slots__ = ()

    def get_lone(self, index: int) -> None:
        """Return None: each is built."""


class FakeRun:
    """A result as `engine.open_run` yields it."""

    def __init__(self, result: Result) -> None:
        self.stories, self.rejected, self.summary = FakeStories(result.stories), result.rejected, result.summary
        self.executor = SERIAL
        self._result = result

    def to_result(self) -> Result:
        """Return everything at once."""
        return self._result


def fake_open_run(find_stories: Callable[..., Result]) -> Callable[..., AbstractContextManager[FakeRun]]:
    """Return a fake of `engine.open_run` that gets its result from `find_stories`."""

    @contextmanager
    def open_run(*args: object, **keywords: object) -> Iterator[FakeRun]:
        yield FakeRun(find_stories(*args, **keywords))

    return open_run


def fake_modules() -> dict[str, ModuleType]:
    """Return the fakes as modules, by the names under which the commands import them."""
    readers, engine = ModuleType("newsdedup.readers"), ModuleType("newsdedup.engine")
    readers.__dict__["load"] = load
    engine.__dict__.update(open_run=fake_open_run(dedupe), compare=compare)
    return {"newsdedup.readers": readers, "newsdedup.engine": engine}


def _wait(items: Iterable[Loaded], *args: object, **keywords: object) -> Result:
    sys.stderr.write("ready\n")
    sys.stderr.flush()
    time.sleep(30)
    return dedupe(items, *args, **keywords)  # type: ignore[arg-type]


def _return_many(*args: object, **keywords: object) -> Result:
    result = dedupe(*args, **keywords)  # type: ignore[arg-type]
    return result.model_copy(
        update={"stories": result.stories * 10_000}
    )  # as text 140 kB: more than a pipe holds, 64 KiB


def _crash(*_: object, **__: object) -> Result:
    raise RuntimeError("the wheel\nhas come off")


MODES = {"plain": dedupe, "waits": _wait, "many": _return_many, "crashes": _crash}

if __name__ == "__main__":
    fakes = fake_modules()
    fakes["newsdedup.engine"].__dict__["open_run"] = fake_open_run(MODES[sys.argv.pop(1)])
    sys.modules.update(fakes)
    from newsdedup.cli import run

    run()
