"""The output of the `store` commands as text, one fact per line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from newsdedup.models.store import Decision, Explanation, Neighbour, StoreStats, StoryHistory, Verification
from newsdedup.render.renderer import OutputFormat, Page
from newsdedup.render.sanitise import sanitise_text
from newsdedup.render.wording import format_count

_STAGE_PHRASES = {
    "text": "same text",
    "decision": "decided by a person",
    "cluster": "decided by clustering",
    "verify": "too few words in common to be scored",
    "candidates": "too few 3-grams in common to be a candidate",
}


def render(report: StoreStats | StoryHistory | Explanation | Sequence[Decision] | Verification, page: Page) -> None:
    """Write the output of a store command."""
    match report:
        case StoreStats():
            lines = _format_stats(report)
        case StoryHistory():
            lines = _format_history(report)
        case Explanation():
            lines = _format_explanation(report)
        case Verification():
            lines = _format_verification(report)
        case _:
            lines = _format_decisions(report)
    page.stream.writelines(f"{sanitise_text(line)}\n" for line in lines)


def _format_stats(stats: StoreStats) -> Iterator[str]:
    last_written = stats.last_run or "never"
    yield f"{stats.path}: {stats.bytes / 1e6:,.1f} MB, schema {stats.schema_version}, last written {last_written}"
    lone = stats.stories - stats.merged_stories
    aliases = format_count(stats.aliases, "alias")
    yield f"articles  {stats.articles:,}"
    yield f"stories   {stats.stories:,} ({stats.merged_stories:,} merged, {lone:,} lone), {aliases}"
    yield f"pairs     {stats.pairs:,} scored, merged at {stats.min_probability} or more"
    yield f"outlets   {stats.outlets:,} with {format_count(stats.boilerplate_lines, 'line')} of boilerplate"
    yield f"decisions {stats.decisions:,}"
    yield f"runs      {stats.runs:,}"
    yield "built with " + ", ".join(f"{name} {value}" for name, value in stats.made_with.items() if value)


def _format_history(history: StoryHistory) -> Iterator[str]:
    if history.asked != history.story_id:
        yield f"{history.asked} is now {history.story_id}"
    for event in history.events:
        other_ids = f" ({', '.join(event.others)})" if event.others else ""
        articles = f": {', '.join(event.articles)}" if event.articles else ""
        yield f"run {event.run}  {event.at}  {event.change}{other_ids}{articles}"


def _format_explanation(explanation: Explanation) -> Iterator[str]:
    yield f"{explanation.article_id} is in story {explanation.story_id}"
    yield "together with" if explanation.members else "alone"
    yield from map(_format_neighbour, explanation.members)
    if explanation.nearest:
        yield "apart from"
        yield from map(_format_neighbour, explanation.nearest)


def _format_neighbour(neighbour: Neighbour) -> str:
    if neighbour.stage == "score" or neighbour.probability is not None:
        score = f"probability {neighbour.probability:.2f}, {neighbour.relation}"
        reason = score if neighbour.stage == "score" else f"{score}; {_STAGE_PHRASES[neighbour.stage]}"
    else:
        reason = _STAGE_PHRASES[neighbour.stage]
    location = "" if neighbour.same_story else f" in {neighbour.story_id}"
    shared = format_count(neighbour.shared_shingles, "sampled 3-gram")
    return f"  {neighbour.article_id}{location}: {reason} ({shared} shared)"


def _format_decisions(decisions: Sequence[Decision]) -> Iterator[str]:
    if not decisions:
        yield "no decisions"
    for decision in decisions:
        preposition = "from" if decision.kind == "split" else "with"
        undone = f" (undone {decision.undone})" if decision.undone else ""
        articles, other_ids = ", ".join(decision.articles), ", ".join(decision.others)
        yield f"{decision.decision}  {decision.at}  {decision.kind} {articles} {preposition} {other_ids}{undone}"


def _format_verification(verification: Verification) -> Iterator[str]:
    yield from verification.problems
    articles = format_count(verification.articles, "article")
    stories = format_count(verification.stories, "story")
    components = format_count(verification.components, "component")
    problems = format_count(len(verification.problems), "problem") if verification.problems else "no problems"
    yield f"{articles} in {stories}, {components} clustered again: {problems}"


FORMAT = OutputFormat(render)
