"""`newsdedup store ...`: query, correct and maintain a store."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsdedup.cli.options import (
    Output,
    Profile,
    StoreFile,
    StoreFormatOption,
    StoriesFormatOption,
    argument,
    command,
    option,
)
from newsdedup.cli.output import check_output, open_output, write_report, write_stories
from newsdedup.cli.progress import show_progress
from newsdedup.cli.verbosity import Session
from newsdedup.errors import ConfigError

if TYPE_CHECKING:
    from newsdedup.models import Result
    from newsdedup.store import Store

app = typer.Typer(no_args_is_help=True, help="Query, correct and maintain a store.")

StoryId = Annotated[str, argument(help="Current or former id of a story.", metavar="STORY")]


def open_store(session: Session, path: str | None) -> Store:
    """Open the store named by the flag, the environment or a settings file; raises ConfigError if none is named."""
    from newsdedup.config import load_config  # noqa: PLC0415 - `--help` loads no stage
    from newsdedup.store import Store  # noqa: PLC0415

    config = load_config({**session.settings, "store": path})
    if not config.store:
        raise ConfigError("no store given; use --store FILE or set NEWSDEDUP_STORE")
    return Store(config.store, config, create=False, wait=config.wait)


def _print_report(report: Any, output_format: str) -> None:
    from newsdedup.render import load_format  # noqa: PLC0415 - `--help` loads no models

    write_report(report, load_format("store", output_format))


def _print_changes(result: Result, session: Session) -> int:
    """Print the ids of the stories that a decision changed."""
    with open_output(None) as target:
        for story in result.stories:
            members = ", ".join(variant.article_id for variant in story.variants)
            target.stream.write(f"{story.change} {story.story_id}: {members}\n")  # type: ignore[attr-defined]
    if not result.stories:
        session.print_note("no stories changed")
    return 0


@app.command()
@command()
def stats(session: Session, store: StoreFile = None, output_format: StoreFormatOption = "text") -> int:
    """Show what the store contains."""
    with open_store(session, store) as opened_store:
        _print_report(opened_store.stats(), output_format)
    return 0


@app.command()
@command()
def show(session: Session, story: StoryId, store: StoreFile = None, output_format: StoriesFormatOption = "text") -> int:
    """Print one story as it is now; former ids work too."""
    from newsdedup.render import load_format  # noqa: PLC0415

    stories_format = load_format("stories", output_format)
    with open_store(session, store) as opened_store:
        write_report(opened_store.load_story_result(story), stories_format)
    return 0


@app.command()
@command()
def history(
    session: Session, story: StoryId, store: StoreFile = None, output_format: StoreFormatOption = "text"
) -> int:
    """Show what happened to a story, run by run."""
    with open_store(session, store) as opened_store:
        _print_report(opened_store.history(story), output_format)
    return 0


@app.command()
@command()
def explain(
    session: Session,
    article: Annotated[str, argument(help="Id of an article.", metavar="ARTICLE")],
    store: StoreFile = None,
    output_format: StoreFormatOption = "text",
) -> int:
    """Explain why an article is in its story.

    Lists the other articles of the story, and the nearest articles of other stories with the reason they are separate.
    """
    with open_store(session, store) as opened_store:
        _print_report(opened_store.explain(article), output_format)
    return 0


@app.command()
@command("wait")
def split(
    session: Session,
    story: StoryId,
    articles: Annotated[list[str], argument(help="Ids of the articles to move out.", metavar="ARTICLE...")],
    store: StoreFile = None,
) -> int:
    """Move articles out of their story; 'undo' reverts it."""
    with open_store(session, store) as opened_store:
        return _print_changes(opened_store.split(story, articles), session)


@app.command()
@command("wait")
def join(
    session: Session,
    story: StoryId,
    other_story: Annotated[str, argument(help="Id of the other story.", metavar="STORY")],
    store: StoreFile = None,
) -> int:
    """Join two stories; 'undo' reverts it."""
    with open_store(session, store) as opened_store:
        return _print_changes(opened_store.join(story, other_story), session)


@app.command()
@command()
def decisions(session: Session, store: StoreFile = None, output_format: StoreFormatOption = "text") -> int:
    """List the decisions by number."""
    with open_store(session, store) as opened_store:
        _print_report(opened_store.decisions(), output_format)
    return 0


@app.command()
@command("wait")
def undo(
    session: Session,
    decision: Annotated[int, argument(help="Number of a decision.", metavar="DECISION")],
    store: StoreFile = None,
) -> int:
    """Revert a decision."""
    with open_store(session, store) as opened_store:
        return _print_changes(opened_store.undo(decision), session)


@app.command()
@command("wait")
def forget(
    session: Session,
    articles: Annotated[list[str] | None, argument(help="Ids of articles.", metavar="ARTICLE...")] = None,
    store: StoreFile = None,
    before: Annotated[str | None, option(help="Remove articles published before DATE.", metavar="DATE")] = None,
    source: Annotated[str | None, option(help="Remove articles of this source.", metavar="NAME")] = None,
) -> int:
    """Remove articles, their texts and everything derived from them."""
    from newsdedup.render.wording import format_count  # noqa: PLC0415

    opened_store = open_store(session, store)
    if not articles and before is None and source is None:
        raise ConfigError("nothing to forget; give ids of articles, --before DATE or --source NAME")
    with opened_store:
        stats_before = opened_store.stats()
        result = opened_store.forget(articles or (), before=before, source=source)
        exit_code = _print_changes(result, session) if result.stories else 0
        for warning in result.summary.warnings:
            session.print_note(f"warning: {warning}")
        removed = format_count(stats_before.articles - result.summary.store_articles, "article")
        ended = format_count(stats_before.stories - result.summary.store_stories, "story")
        session.print_note(f"{removed} and {ended} removed; {format_changes(result.summary)}")
        return exit_code


@app.command()
@command("workers", "base", "prefer_sources", "additions")
def export(
    session: Session,
    store: StoreFile = None,
    output_format: StoriesFormatOption = "jsonl",
    output: Output = None,
    *,
    profile: Profile = False,
) -> int:
    """Print all stories, with links between those about one event."""
    from newsdedup.render import load_format  # noqa: PLC0415

    stories_format = load_format("stories", output_format)
    opened_store = open_store(session, store)
    check_output(output, inputs=[str(opened_store.path)])
    with ExitStack() as stack:
        stack.enter_context(opened_store)
        with show_progress(session, profile=profile) as progress:
            stored_run = stack.enter_context(opened_store.open_export(progress=progress))
        write_stories(stored_run, stories_format, output, progress)
    return 0


@app.command()
@command()
def verify(session: Session, store: StoreFile = None, output_format: StoreFormatOption = "text") -> int:
    """Check the store; exit 1 if there are problems.

    Checks the file, its counts, and that its pairs give its stories.
    """
    with open_store(session, store) as opened_store:
        verification = opened_store.verify()
        _print_report(verification, output_format)
    return 1 if verification.problems else 0


@app.command()
@command("min_probability", "workers", "memory", "model", "wait")
def rebuild(session: Session, store: StoreFile = None) -> int:
    """Clean and match all articles again.

    Applies this version of newsdedup and the given settings; ids and decisions stay.
    """
    with open_store(session, store) as opened_store:
        with show_progress(session) as progress:
            result = opened_store.rebuild(progress=progress)
        session.print_note(format_changes(result.summary))
    return 0


def format_changes(summary: Any) -> str:
    """Return how many stories a run changed, by kind of change, and what the store contains now."""
    from newsdedup.render.wording import format_count  # noqa: PLC0415

    changes = ", ".join(f"{count:,} {change}" for change, count in summary.changes.items() if count) or "none changed"
    articles = format_count(summary.store_articles, "article")
    return f"stories: {changes}; the store holds {articles} in {format_count(summary.store_stories, 'story')}"
