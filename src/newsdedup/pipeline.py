"""The only place that knows the order of the stages.

load -> clean -> fingerprint -> candidates -> score -> cluster -> merge -> related; rendering is the caller's.
Everything is put in an order of content first (content hash, then id), so that neither the order of input nor the
number of workers can show.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from newsdedup.background import Background, load_background
from newsdedup.candidates import candidates
from newsdedup.clean import EMPTY_TABLE, LineTable, clean, count_lines
from newsdedup.cluster import Cluster, Pair, cluster
from newsdedup.config import LEAST_CERTAIN, Config
from newsdedup.errors import InputError
from newsdedup.fingerprint import fingerprint, same_text
from newsdedup.load import identify
from newsdedup.merge import choose_base, is_earlier, merge
from newsdedup.models import (
    AlignedSentences,
    Article,
    AskedPair,
    Cohesion,
    ComparedReport,
    ComparedSignal,
    Comparison,
    Direction,
    Loaded,
    Related,
    Relation,
    Report,
    Result,
    Score,
    Skipped,
    Story,
    Summary,
    UncertainMerge,
    Variant,
)
from newsdedup.profile import Profile
from newsdedup.related import related
from newsdedup.score import Model, is_template, load_model, measure_ordered, score
from newsdedup.text import date_key

# Articles and pairs that are worth a process of their own; under that, starting it costs more than it saves.
ARTICLES_A_CHUNK = 200
PAIRS_A_CHUNK = 1000
STORIES_A_CHUNK = 20
WORTH_WORKERS = 2

_Item = TypeVar("_Item")
_Out = TypeVar("_Out")


class Progress(Protocol):
    """What shows the user where a run is."""

    def stage(self, name: str, total: int | None) -> None:
        """Tell that a stage begins, with its number of steps where it is known."""

    def advance(self, steps: int = 1) -> None:
        """Tell that so many steps are done."""


class _Silent:
    def stage(self, name: str, total: int | None) -> None:
        pass

    def advance(self, steps: int = 1) -> None:
        pass


@dataclass(frozen=True)
class _Resources:
    """What the workers work on: the same for all, handed over once.

    Tasks hold only places in these sequences. A task too big for the pipe to the workers would make Ctrl-C hang on
    Python before 3.11.5 (cpython issue 94777).
    """

    background: Background
    model: Model
    articles: Sequence[Article] = ()
    table: LineTable = EMPTY_TABLE
    profiles: Sequence[Profile] = ()


@dataclass
class _Worker:
    """The resources of this process; set when it starts."""

    resources: _Resources | None = field(default=None)


_WORKER = _Worker()


def _start_worker(resources: _Resources) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle: one line, not one a worker
    _WORKER.resources = resources
    threadpool_limits(limits=1, user_api="blas")


def _call(task: tuple[Callable[[_Resources, Sequence[_Item]], _Out], Sequence[_Item]]) -> _Out:
    function, items = task
    assert _WORKER.resources is not None  # noqa: S101 - every process starts with _start_worker
    return function(_WORKER.resources, items)


def _in_chunks(
    function: Callable[[_Resources, Sequence[_Item]], _Out],
    items: Sequence[_Item],
    size: int,
    resources: _Resources,
    workers: int,
    progress: Progress,
) -> Iterator[_Out]:
    """Yield `function(resources, chunk)` for each chunk of `items`, in order, whatever the number of workers."""
    chunks = [items[start : start + size] for start in range(0, len(items), size)]
    if workers == 1 or len(chunks) < WORTH_WORKERS:
        for chunk in chunks:
            yield function(resources, chunk)
            progress.advance(len(chunk))
        return
    with _pool(min(workers, len(chunks)), resources) as pool:
        with _interrupts_held():  # all workers start here, and must never be interrupted themselves
            results = pool.map(_call, [(function, chunk) for chunk in chunks])
        for chunk, out in zip(chunks, results, strict=True):
            yield out
            progress.advance(len(chunk))


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let Ctrl-C wait for the end of the block; processes started in it never see one."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _pool(workers: int, resources: _Resources) -> Iterator[ProcessPoolExecutor]:
    # With fork the resources are shared as they are; elsewhere each worker gets a copy once.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context(method), initializer=_start_worker, initargs=(resources,)
    )
    try:
        yield pool
    except BaseException:
        # Ctrl-C, a full disk: the rest is not wanted, so nobody waits for it.
        for process in list((pool._processes or {}).values()):  # noqa: SLF001 - there is no public way before Python 3.14
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def dedupe(items: Iterable[Loaded], config: Config | None = None, *, progress: Progress | None = None) -> Result:
    """Find the articles that tell the same report and merge each story.

    `items` is what `load` yields, or articles of your own. Returns the stories, what was rejected and the counts; the
    same articles give the same result in any order. Raises ModelError where `config.model` cannot be used.
    """
    with threadpool_limits(limits=1, user_api="blas"):  # small matrices: threads cost more than they bring
        return _dedupe(items, config or Config(), progress or _Silent())[0]


def dedupe_and_ask(
    items: Iterable[Loaded],
    asked: Iterable[tuple[str, str]],
    config: Config | None = None,
    *,
    progress: Progress | None = None,
) -> tuple[Result, dict[tuple[str, str], AskedPair]]:
    """Do what `dedupe` does, and say of the pairs of article ids `asked` what the same run makes of each.

    Pairs that hold an id which is in no story are left out of the answer.
    """
    with threadpool_limits(limits=1, user_api="blas"):
        return _dedupe(items, config or Config(), progress or _Silent(), tuple(asked))


def _dedupe(
    items: Iterable[Loaded], config: Config, progress: Progress, asked: Sequence[tuple[str, str]] = ()
) -> tuple[Result, dict[tuple[str, str], AskedPair]]:
    workers = config.workers or os.cpu_count() or 1
    resources = _Resources(load_background(), load_model(Path(config.model) if config.model is not None else None))
    found = identify(_counted(items, progress))

    progress.stage("clean", len(found.articles))
    resources = replace(resources, articles=found.articles, table=count_lines(found.articles))
    profiles: list[Profile] = []
    every = range(len(found.articles))
    for chunk in _in_chunks(_clean_and_fingerprint, every, ARTICLES_A_CHUNK, resources, workers, progress):
        profiles.extend(chunk)

    groups = same_text(profiles)
    distinct = [profiles[group[0]] for group in groups]
    resources = replace(resources, articles=(), profiles=profiles)
    at = [group[0] for group in groups]
    progress.stage("candidates", None)
    pairs = _with_body(distinct, candidates([each.shingles for each in distinct])) + _version_pairs(distinct)
    pairs = sorted(set(pairs))
    progress.advance(len(pairs))
    progress.stage("score", len(pairs))
    places = [(at[i], at[j]) for i, j in pairs]
    scored = dict(zip(pairs, _probabilities(places, resources, workers, progress), strict=True))

    progress.stage("cluster", None)

    def ask(wanted: Sequence[Pair]) -> Mapping[Pair, float]:
        answerable = set(_with_body(distinct, wanted))
        values = [measure_ordered(distinct[i], distinct[j]).values for i, j in wanted if (i, j) in answerable]
        known = iter(resources.model.probability(np.stack(values)).tolist() if values else [])
        return {pair: next(known) if pair in answerable else 0.0 for pair in wanted}

    clusters = cluster(len(distinct), scored, config.min_probability, ask)
    progress.advance(len(clusters))
    progress.stage("merge", len(clusters))
    told = [_members(each, groups, profiles) for each in clusters]
    several = [each for each in told if len(each.at) > 1]
    drafts: list[Story] = []
    for part in _in_chunks(_tell, several, STORIES_A_CHUNK, resources, workers, progress):
        drafts.extend(part)
    # A lone article costs more to hand to a process and back than to tell here.
    for part in _in_chunks(
        _tell, [each for each in told if len(each.at) == 1], STORIES_A_CHUNK, resources, 1, progress
    ):
        drafts.extend(part)
    progress.stage("related", None)
    stories = _in_order(_linked(_identified(drafts), resources))
    merged = sum(len(story.variants) > 1 for story in stories)
    answers = _answers(asked, groups, scored, resources, workers, progress) if asked else {}
    result = Result(
        stories=tuple(stories),
        rejected=found.rejected,
        summary=Summary(
            records=len(found.articles) + found.repeated + len(found.rejected),
            articles=len(found.articles),
            repeated=found.repeated,
            rejected=len(found.rejected),
            skipped=found.skipped,
            stories=len(stories),
            merged_stories=merged,
            lone=len(stories) - merged,
            body_empty=sum(not profile.report.paragraphs for profile in profiles),
            conflicts=sum(len(story.conflicts) for story in stories),
            least_certain=_least_certain(stories),
            warnings=found.warnings,
        ),
    )
    return result, answers


def _counted(items: Iterable[Loaded], progress: Progress) -> Iterator[Loaded]:
    progress.stage("load", None)
    for item in items:
        if not isinstance(item, Loaded):
            kind = type(item).__name__
            raise InputError(
                f"dedupe takes articles, not {kind}: pass load([...]), or make each with Article.of(id, text)"
            )
        yield item
        progress.advance(not isinstance(item, Skipped))


def _clean_and_fingerprint(resources: _Resources, at: Sequence[int]) -> list[Profile]:
    reports = (clean(resources.articles[i], resources.table, resources.background) for i in at)
    return fingerprint(reports, resources.background)


def _with_body(profiles: Sequence[Profile], pairs: Iterable[Sequence[int]]) -> list[Pair]:
    """Return the pairs of which both have a report: an empty one is never a candidate."""
    return [(int(i), int(j)) for i, j in pairs if len(profiles[i].sentences) and len(profiles[j].sentences)]


def _version_pairs(profiles: Sequence[Profile]) -> list[Pair]:
    """Return the pairs of versions of one article: worth scoring whatever they share."""
    number = {each.report.article.article_id: i for i, each in enumerate(profiles)}
    pairs = []
    for i, each in enumerate(profiles):
        latest = number.get(each.report.article.version_of or "")
        if latest is not None and latest != i:
            pairs.append((min(i, latest), max(i, latest)))
    return _with_body(profiles, pairs)


def _probabilities(pairs: Sequence[Pair], resources: _Resources, workers: int, progress: Progress) -> list[float]:
    out: list[float] = []
    for part in _in_chunks(_score_pairs, pairs, PAIRS_A_CHUNK, resources, workers, progress):
        out.extend(part)
    return out


def _score_pairs(resources: _Resources, pairs: Sequence[Pair]) -> list[float]:
    values = np.stack([measure_ordered(resources.profiles[i], resources.profiles[j]).values for i, j in pairs])
    found: list[float] = resources.model.probability(values).tolist()
    return found


def _answers(
    asked: Sequence[tuple[str, str]],
    groups: Sequence[Sequence[int]],
    scored: Mapping[Pair, float],
    resources: _Resources,
    workers: int,
    progress: Progress,
) -> dict[tuple[str, str], AskedPair]:
    """Score the pairs of article ids in full; one text under two ids was matched as one, whatever its score."""
    profiles = resources.profiles
    at = {each.report.article.article_id: i for i, each in enumerate(profiles)}
    group = {i: number for number, members in enumerate(groups) for i in members}
    known = [(a, b) for a, b in asked if a in at and b in at]
    progress.stage("asked pairs", len(known))
    places = [(at[a], at[b]) for a, b in known]
    scores: list[Score | None] = []
    for part in _in_chunks(_score_in_full, places, PAIRS_A_CHUNK, resources, workers, progress):
        scores.extend(part)
    out = {}
    for names, (i, j), found in zip(known, places, scores, strict=True):
        one, other = sorted((group[i], group[j]))
        as_one = found is not None and one == other
        out[names] = AskedPair(
            profiles[i].report,
            profiles[j].report,
            candidate=as_one or (one, other) in scored,
            score=replace(found, probability=1.0) if found is not None and as_one else found,
        )
    return out


def _score_in_full(resources: _Resources, pairs: Sequence[Pair]) -> list[Score | None]:
    profiles, scorable = resources.profiles, set(_with_body(resources.profiles, pairs))
    return [score(profiles[i], profiles[j], resources.model) if (i, j) in scorable else None for i, j in pairs]


@dataclass(frozen=True)
class _Members:
    """A story's members, as places in the list of profiles in content order, and how well they hold together."""

    at: tuple[int, ...]
    weakest: float
    bridges: tuple[str, ...]


def _members(found: Cluster, groups: Sequence[Sequence[int]], profiles: Sequence[Profile]) -> _Members:
    members = tuple(sorted(i for number in found.members for i in groups[number]))
    alone = [groups[number][0] for number in found.bridges if len(groups[number]) == 1]
    return _Members(members, found.weakest, tuple(profiles[i].report.article.article_id for i in alone))


def _tell(resources: _Resources, stories: Sequence[_Members]) -> list[Story]:
    return [_story(each, resources) for each in stories]


def _story(members: _Members, resources: _Resources) -> Story:
    """Choose the base, relate every variant to it, merge. The story's id is not known yet (`_identified`)."""
    profiles, model = [resources.profiles[i] for i in members.at], resources.model
    at = choose_base(profiles)
    scores = _scores(profiles, at, model)
    tried = {at}
    while newer := _later_edits(profiles, at, scores, tried):
        at = max(newer, key=lambda i: (date_key(profiles[i].report.article.published), -i))
        tried.add(at)
        scores = _scores(profiles, at, model)
    base = profiles[at]
    order = sorted(
        (i for i in range(len(profiles)) if i != at),
        key=lambda i: (
            -len(profiles[i].word_hashes),
            profiles[i].report.article.content_hash,
            profiles[i].report.article.article_id,
        ),
    )
    withdrawn = [scores[i].relation is Relation.UPDATE and is_earlier(profiles[i], base) for i in order]
    told = merge(base, [profiles[i] for i in order], withdrawn)
    by_id = sorted(order, key=lambda i: profiles[i].report.article.article_id)
    article = base.report.article
    dates = sorted((each.report.article.published for each in profiles if each.report.article.published), key=date_key)
    titled = next((profiles[i].report for i in (at, *order) if not profiles[i].report.title_inferred), base.report)
    return Story(
        story_id="",
        title=titled.title,
        title_inferred=titled.title_inferred,
        published=article.published or (dates[0] if dates else None),
        language=article.language,
        body_empty=not base.report.paragraphs,
        text="\n\n".join(paragraph.text for paragraph in told.paragraphs),
        paragraphs=told.paragraphs,
        conflicts=told.conflicts,
        superseded=told.superseded,
        variants=tuple(_variant(profiles[i].report, scores[i]) for i in (at, *by_id)),
        cohesion=Cohesion(weakest=members.weakest, bridges=tuple(sorted(members.bridges))),
    )


def _later_edits(profiles: Sequence[Profile], at: int, scores: Sequence[Score], tried: set[int]) -> list[int]:
    """Return the members that are known to be later edits of member `at`, but for those tried as the base before."""
    updates = (i for i, found in enumerate(scores) if found.relation is Relation.UPDATE and i not in tried)
    return [i for i in updates if is_earlier(profiles[at], profiles[i])]


_BASE = Score(1.0, 1.0, 1.0, Relation.BASE, Direction.UNKNOWN)
_SAME = Score(1.0, 1.0, 1.0, Relation.IDENTICAL, Direction.UNKNOWN)


def _scores(profiles: Sequence[Profile], base: int, model: Model) -> list[Score]:
    """Score every member against the base; the base itself and pages without a report need no measuring."""
    out = []
    for i, each in enumerate(profiles):
        if i == base:
            out.append(_BASE)
        elif np.array_equal(each.word_hashes, profiles[base].word_hashes):
            out.append(_SAME)
        else:
            out.append(score(profiles[base], each, model))
    return out


def _variant(report: Report, found: Score) -> Variant:
    article = report.article
    return Variant(
        article_id=article.article_id,
        path=article.path,
        record=article.record,
        source=article.source,
        url=article.url,
        title=report.title,
        title_inferred=report.title_inferred,
        published=article.published,
        published_raw=article.published_raw,
        author=article.author,
        language=article.language,
        version_of=article.version_of,
        dateline=report.dateline.text if report.dateline else None,
        place=report.dateline.place if report.dateline else None,
        agency=report.dateline.agency if report.dateline else None,
        byline=report.byline,
        credit=report.credit,
        relation=found.relation,
        direction=found.direction,
        probability=found.probability,
        containment=found.containment,
        similarity=found.similarity,
        removed=report.removed,
        extra=dict(article.extra),
        content_hash=article.content_hash,
    )


def _identified(stories: Sequence[Story]) -> list[Story]:
    """Give each story its id: a hash of its smallest content hash, and of the article id where several share that."""
    smallest = [min((variant.content_hash, variant.article_id) for variant in story.variants) for story in stories]
    often = Counter(content for content, _ in smallest)
    out = []
    for story, (content, article_id) in zip(stories, smallest, strict=True):
        name = content if often[content] == 1 else f"{content} {article_id}"
        story_id = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        out.append(story.model_copy(update={"story_id": story_id}))
    return out


def _linked(stories: Sequence[Story], resources: _Resources) -> list[Story]:
    """Give each story its links to the others about its event, the most probable first."""
    profile = {each.report.article.article_id: each for each in resources.profiles}
    bases = [profile[story.variants[0].article_id] for story in stories]

    def templated(pairs: Sequence[Pair]) -> list[bool]:
        return [is_template(bases[i], bases[j]) for i, j in pairs]

    links: dict[int, list[Related]] = {}
    for i, j, probability in related(bases, resources.background, templated):
        links.setdefault(i, []).append(Related(story_id=stories[j].story_id, probability=probability))
        links.setdefault(j, []).append(Related(story_id=stories[i].story_id, probability=probability))
    found = {at: tuple(sorted(each, key=lambda link: (-link.probability, link.story_id))) for at, each in links.items()}
    return [story.model_copy(update={"related": found.get(at, ())}) for at, story in enumerate(stories)]


def _least_certain(stories: Sequence[Story]) -> tuple[UncertainMerge, ...]:
    merged = (story for story in stories if len(story.variants) > 1 and story.cohesion.weakest < 1)
    doubted = sorted(merged, key=lambda story: (story.cohesion.weakest, story.story_id))[:LEAST_CERTAIN]
    return tuple(
        UncertainMerge(story_id=each.story_id, title=each.title, weakest=each.cohesion.weakest) for each in doubted
    )


def _in_order(stories: Sequence[Story]) -> list[Story]:
    return sorted(stories, key=lambda story: (-len(story.variants), date_key(story.published), story.story_id))


def compare(a: Article, b: Article, config: Config | None = None) -> Comparison:
    """Explain one pair: the score, each signal's part in it, the relation, the aligned sentences, what was removed.

    Uses the empty table of outlet lines (two pages teach nothing about an outlet) and says so in `note`.
    """
    config = config or Config()
    background, model = load_background(), load_model(Path(config.model) if config.model is not None else None)
    reports = [clean(article, EMPTY_TABLE, background) for article in _told_apart(a, b)]
    one, other = fingerprint(reports, background)
    side_a, side_b = _compared(one.report), _compared(other.report)
    note = "Lines that an outlet repeats over its pages were not looked for: two articles cannot show them."
    if not len(one.sentences) or not len(other.sentences):
        empty = " and ".join(each.report.article.article_id for each in (one, other) if not len(each.sentences))
        return Comparison(
            same_report=False,
            probability=0.0,
            threshold=config.min_probability,
            containment=0.0,
            similarity=0.0,
            relation=None,
            direction=Direction.UNKNOWN,
            signals=(),
            aligned=(),
            only_a=tuple(range(len(one.sentences))),
            only_b=tuple(range(len(other.sentences))),
            note=f"No report is left of {empty} after cleaning. {note}",
            a=side_a,
            b=side_b,
        )
    found = score(one, other, model)
    same = found.probability >= config.min_probability
    matched_a, matched_b = {x.a for x in found.aligned}, {x.b for x in found.aligned}
    return Comparison(
        same_report=same,
        probability=found.probability,
        threshold=config.min_probability,
        containment=found.containment,
        similarity=found.similarity,
        relation=found.relation if same else None,
        direction=found.direction if same else Direction.UNKNOWN,
        signals=tuple(
            ComparedSignal(name=s.name, value=s.value, contribution=s.contribution, meaning=s.meaning)
            for s in found.signals
        ),
        aligned=tuple(
            AlignedSentences(a=x.a, b=x.b, covered_a=x.covered_a, covered_b=x.covered_b, verbatim=x.verbatim)
            for x in found.aligned
        ),
        only_a=tuple(i for i in range(len(one.sentences)) if i not in matched_a),
        only_b=tuple(i for i in range(len(other.sentences)) if i not in matched_b),
        conflicts=merge(one, [other], [False]).conflicts,
        note=note,
        a=side_a,
        b=side_b,
    )


def _told_apart(a: Article, b: Article) -> tuple[Article, Article]:
    """Return the two under the ids that a run over both would give them."""
    found = {(x.path, x.record, x.content_hash): x for x in identify([a, b]).articles}
    one, other = ((x.path, x.record, x.content_hash) for x in (a, b))
    return found.get(one, a), found.get(other, b)


def _compared(report: Report) -> ComparedReport:
    return ComparedReport(
        article_id=report.article.article_id,
        path=report.article.path,
        title=report.title,
        title_inferred=report.title_inferred,
        published=report.article.published,
        dateline=report.dateline.text if report.dateline else None,
        byline=report.byline,
        credit=report.credit,
        sentences=report.sentences,
        removed=report.removed,
    )
