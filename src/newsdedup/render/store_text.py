"""What the commands of `store` print for eyes: a line a fact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from newsdedup.models.store import Decision, Explanation, Neighbour, StoreStats, StoryHistory, Verification
from newsdedup.render.sanitise import plain
from newsdedup.render.wording import number

_STAGES = {
    "text": "the same words",
    "decision": "a person decided so",
    "cluster": "by the story as a whole",
    "verify": "too few words in common to be scored",
    "candidates": "too few 3-grams in common to be a candidate",
}


def render(told: StoreStats | StoryHistory | Explanation | Sequence[Decision] | Verification, stream: TextIO) -> None:
    """Write what a store tells, a line a fact."""
    match told:
        case StoreStats():
            lines = _stats(told)
        case StoryHistory():
            lines = _history(told)
        case Explanation():
            lines = _explanation(told)
        case Verification():
            lines = _verification(told)
        case _:
            lines = _decisions(told)
    stream.writelines(f"{plain(line)}\n" for line in lines)


def _stats(told: StoreStats) -> Iterator[str]:
    written = told.last_run or "never"
    yield f"{told.path}: {told.bytes / 1e6:,.1f} MB, schema {told.schema_version}, last written {written}"
    lone = told.stories - told.merged_stories
    aliases = number(told.aliases, "alias", "aliases")
    yield f"articles  {told.articles:,}"
    yield f"stories   {told.stories:,} ({told.merged_stories:,} merged, {lone:,} lone), {aliases}"
    yield f"pairs     {told.pairs:,} scored, merged at or over {told.min_probability}"
    yield f"outlets   {told.outlets:,} with {number(told.boilerplate_lines, 'line')} of boilerplate"
    yield f"decisions {told.decisions:,}"
    yield f"runs      {told.runs:,}"
    yield "made with " + ", ".join(f"{name} {value}" for name, value in told.made_with.items() if value)


def _history(told: StoryHistory) -> Iterator[str]:
    if told.asked != told.story_id:
        yield f"{told.asked} is {told.story_id} now"
    for each in told.events:
        others = f" ({', '.join(each.others)})" if each.others else ""
        articles = f": {', '.join(each.articles)}" if each.articles else ""
        yield f"run {each.run}  {each.at}  {each.change}{others}{articles}"


def _explanation(told: Explanation) -> Iterator[str]:
    yield f"{told.article_id} is in story {told.story_id}"
    yield "with" if told.members else "alone"
    yield from map(_neighbour, told.members)
    if told.nearest:
        yield "not with"
        yield from map(_neighbour, told.nearest)


def _neighbour(each: Neighbour) -> str:
    if each.stage == "score" or each.probability is not None:
        likely = f"probability {each.probability:.2f}, {each.relation}"
        why = likely if each.stage == "score" else f"{likely}; {_STAGES[each.stage]}"
    else:
        why = _STAGES[each.stage]
    home = "" if each.same_story else f" in {each.story_id}"
    return f"  {each.article_id}{home}: {why} ({number(each.shared_shingles, 'kept 3-gram')} shared)"


def _decisions(told: Sequence[Decision]) -> Iterator[str]:
    if not told:
        yield "no decisions"
    for each in told:
        between = "from" if each.kind == "split" else "with"
        undone = f" (undone {each.undone})" if each.undone else ""
        articles, others = ", ".join(each.articles), ", ".join(each.others)
        yield f"{each.decision}  {each.at}  {each.kind} {articles} {between} {others}{undone}"


def _verification(told: Verification) -> Iterator[str]:
    yield from told.problems
    looked = (
        f"{number(told.articles, 'article')} in {number(told.stories, 'story', 'stories')}, "
        f"{number(told.components, 'component')} clustered again"
    )
    yield f"{looked}: {number(len(told.problems), 'problem') if told.problems else 'all is well'}"
