"""`newsdedup store ...`: query, correct and maintain a store."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsdedup.cli.options import (
    Memory,
    MinProbability,
    Model,
    Output,
    Profile,
    Quiet,
    StoreFile,
    StoreFormatOption,
    StoriesFormatOption,
    Verbose,
    Wait,
    Workers,
)
from newsdedup.cli.verbosity import Session
from newsdedup.errors import ConfigError

if TYPE_CHECKING:
    from newsdedup.config import Config
    from newsdedup.models import Result
    from newsdedup.store import Store

app = typer.Typer(no_args_is_help=True, help="Query, correct and maintain a store.")

StoryId = Annotated[str, typer.Argument(help="Current or former id of a story.", metavar="STORY", show_default=False)]


def open_store(
    context: typer.Context, path: str | None, wait: float | None, quiet: bool, verbose: int, **settings: object
) -> tuple[Store, Session]:
    """Open the store named by the flag, the environment or a settings file; raises ConfigError if none is named."""
    from newsdedup.config import load_config  # noqa: PLC0415 - `--help` loads no stage
    from newsdedup.store import Store  # noqa: PLC0415

    session = context.ensure_object(Session)
    session.add_flags(quiet=quiet, verbose=verbose)
    config = load_config({"store": path, "wait": wait, **settings})
    return Store(get_store_path(config), config, create=False, wait=config.wait), session


def get_store_path(config: Config) -> str:
    """Return the path of the store; raises ConfigError if none is named."""
    if not config.store:
        raise ConfigError("no store given; use --store FILE or set NEWSDEDUP_STORE")
    return config.store


def _print_report(report: Any, output_format: str, output: str | None = None) -> None:
    from newsdedup.cli.output import check_output, open_output  # noqa: PLC0415
    from newsdedup.render import load_format, render  # noqa: PLC0415

    store_format = load_format("store", output_format)
    check_output(output)
    with open_output(output) as target:
        render(report, store_format, target.stream, width=target.width, colour=target.colour)


def _print_changes(result: Result, session: Session) -> int:
    """Print the ids of the stories that a decision changed."""
    from newsdedup.cli.output import open_output  # noqa: PLC0415

    with open_output(None) as target:
        for story in result.stories:
            members = ", ".join(variant.article_id for variant in story.variants)
            target.stream.write(f"{story.change} {story.story_id}: {members}\n")  # type: ignore[attr-defined]
    if not result.stories:
        session.print_note("no stories changed")
    return 0


@app.command()
def stats(
    context: typer.Context,
    store: StoreFile = None,
    output_format: StoreFormatOption = "text",
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Show what the store contains."""
    opened_store, _ = open_store(context, store, None, quiet, verbose)
    with opened_store:
        _print_report(opened_store.stats(), output_format)
    return 0


@app.command()
def show(
    context: typer.Context,
    story: StoryId,
    store: StoreFile = None,
    output_format: StoriesFormatOption = "text",
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Print one story as it is now; former ids work too."""
    from newsdedup.cli.output import open_output  # noqa: PLC0415
    from newsdedup.render import load_format, render  # noqa: PLC0415

    stories_format = load_format("stories", output_format)
    opened_store, _ = open_store(context, store, None, quiet, verbose)
    with opened_store, open_output(None) as target:
        render(
            opened_store.load_story_result(story),
            stories_format,
            target.stream,
            width=target.width,
            colour=target.colour,
        )
    return 0


@app.command()
def history(
    context: typer.Context,
    story: StoryId,
    store: StoreFile = None,
    output_format: StoreFormatOption = "text",
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Show what happened to a story, run by run."""
    opened_store, _ = open_store(context, store, None, quiet, verbose)
    with opened_store:
        _print_report(opened_store.history(story), output_format)
    return 0


@app.command()
def explain(
    context: typer.Context,
    article: Annotated[str, typer.Argument(help="Id of an article.", metavar="ARTICLE", show_default=False)],
    store: StoreFile = None,
    output_format: StoreFormatOption = "text",
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Explain why an article is in its story.

    Lists the other articles of the story, and the nearest articles of other stories with the reason they are separate.
    """
    opened_store, _ = open_store(context, store, None, quiet, verbose)
    with opened_store:
        _print_report(opened_store.explain(article), output_format)
    return 0


@app.command()
def split(
    context: typer.Context,
    story: StoryId,
    articles: Annotated[
        list[str], typer.Argument(help="Ids of the articles to move out.", metavar="ARTICLE...", show_default=False)
    ],
    store: StoreFile = None,
    wait: Wait = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Move articles out of their story; 'undo' reverts it."""
    opened_store, session = open_store(context, store, wait, quiet, verbose)
    with opened_store:
        return _print_changes(opened_store.split(story, articles), session)


@app.command()
def join(
    context: typer.Context,
    story: StoryId,
    other_story: Annotated[str, typer.Argument(help="Id of the other story.", metavar="STORY", show_default=False)],
    store: StoreFile = None,
    wait: Wait = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Join two stories; 'undo' reverts it."""
    opened_store, session = open_store(context, store, wait, quiet, verbose)
    with opened_store:
        return _print_changes(opened_store.join(story, other_story), session)


@app.command()
def decisions(
    context: typer.Context,
    store: StoreFile = None,
    output_format: StoreFormatOption = "text",
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """List the decisions by number."""
    opened_store, _ = open_store(context, store, None, quiet, verbose)
    with opened_store:
        _print_report(opened_store.decisions(), output_format)
    return 0


@app.command()
def undo(
    context: typer.Context,
    decision: Annotated[int, typer.Argument(help="Number of a decision.", metavar="DECISION", show_default=False)],
    store: StoreFile = None,
    wait: Wait = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Revert a decision."""
    opened_store, session = open_store(context, store, wait, quiet, verbose)
    with opened_store:
        return _print_changes(opened_store.undo(decision), session)


@app.command()
def forget(
    context: typer.Context,
    articles: Annotated[
        list[str] | None, typer.Argument(help="Ids of articles.", metavar="ARTICLE...", show_default=False)
    ] = None,
    store: StoreFile = None,
    before: Annotated[
        str | None, typer.Option(help="Remove articles published before DATE.", metavar="DATE", show_default=False)
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Remove articles of this source.", metavar="NAME", show_default=False)
    ] = None,
    wait: Wait = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Remove articles, their texts and everything derived from them."""
    from newsdedup.render.wording import format_count  # noqa: PLC0415

    opened_store, session = open_store(context, store, wait, quiet, verbose)
    if not articles and before is None and source is None:
        raise ConfigError("nothing to forget; give ids of articles, --before DATE or --source NAME")
    with opened_store:
        stats_before = opened_store.stats()
        result = opened_store.forget(articles or (), before=before, source=source)
        exit_code = _print_changes(result, session) if result.stories else 0
        for warning in result.summary.warnings:
            session.print_note(f"warning: {warning}")
        removed = format_count(stats_before.articles - result.summary.store_articles, "article")
        ended = format_count(stats_before.stories - result.summary.store_stories, "story", "stories")
        session.print_note(f"{removed} and {ended} removed; {format_changes(result.summary)}")
        return exit_code


@app.command()
def export(
    context: typer.Context,
    store: StoreFile = None,
    output_format: StoriesFormatOption = "jsonl",
    output: Output = None,
    workers: Workers = None,
    profile: Profile = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Print all stories, with links between those about one event."""
    from newsdedup.cli.output import check_output, open_output  # noqa: PLC0415
    from newsdedup.cli.progress import show_progress  # noqa: PLC0415
    from newsdedup.render import load_format, render  # noqa: PLC0415

    stories_format = load_format("stories", output_format)
    opened_store, session = open_store(context, store, None, quiet, verbose, workers=workers)
    check_output(output, inputs=[str(opened_store.path)])
    with ExitStack() as stack:
        stack.enter_context(opened_store)
        with show_progress(session, profile=profile) as progress:
            stored_run = stack.enter_context(opened_store.open_export(progress=progress))
        with open_output(output) as target:
            if stories_format.render_chunks is not None:
                target.write(stories_format.render_chunks(stored_run.stories, stored_run.executor, progress))
            else:
                result = stored_run if stories_format.one_pass else stored_run.to_result()
                render(result, stories_format, target.stream, width=target.width, colour=target.colour)
    return 0


@app.command()
def verify(
    context: typer.Context,
    store: StoreFile = None,
    output_format: StoreFormatOption = "text",
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Check the store; exit 1 if there are problems.

    Checks the file, its counts, and that its pairs give its stories.
    """
    opened_store, _ = open_store(context, store, None, quiet, verbose)
    with opened_store:
        verification = opened_store.verify()
        _print_report(verification, output_format)
    return 1 if verification.problems else 0


@app.command()
def rebuild(  # noqa: PLR0913, PLR0917 - one argument per flag
    context: typer.Context,
    store: StoreFile = None,
    min_probability: MinProbability = None,
    workers: Workers = None,
    memory: Memory = None,
    model: Model = None,
    wait: Wait = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Clean and match all articles again.

    Applies this version of newsdedup and the given settings; ids and decisions stay.
    """
    from newsdedup.cli.progress import show_progress  # noqa: PLC0415

    opened_store, session = open_store(
        context, store, wait, quiet, verbose,
        min_probability=min_probability, workers=workers, memory=memory, model=model,
    )  # fmt: skip
    with opened_store:
        with show_progress(session) as progress:
            result = opened_store.rebuild(progress=progress)
        session.print_note(format_changes(result.summary))
    return 0


def format_changes(summary: Any) -> str:
    """Return how many stories a run changed, by kind of change, and what the store contains now."""
    from newsdedup.render.wording import format_count  # noqa: PLC0415

    changes = ", ".join(f"{count:,} {change}" for change, count in summary.changes.items() if count) or "none changed"
    articles = format_count(summary.store_articles, "article")
    return (
        f"stories: {changes}; the store holds {articles} in {format_count(summary.store_stories, 'story', 'stories')}"
    )
