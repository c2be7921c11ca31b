"""`newsdedup store ...`: ask a store, decide, forget, export, verify, rebuild."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from newsdedup.cli.options import (
    Memory,
    MinProbability,
    Model,
    Output,
    OutputFormatOption,
    Profile,
    Quiet,
    StoreFile,
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

app = typer.Typer(no_args_is_help=True, help="Ask a store, decide, forget, export, verify, rebuild.")

ToldFormat = Annotated[Literal["text", "json"], typer.Option("--format", "-f", help="Output format.")]
StoryId = Annotated[
    str, typer.Argument(help="Id of a story, or of one that became it.", metavar="STORY", show_default=False)
]


def opened(
    context: typer.Context, path: str | None, wait: float | None, quiet: bool, verbose: int, **settings: object
) -> tuple[Store, Session]:
    """Return the store that the flag, the environment or a file of settings names; raises ConfigError for none."""
    from newsdedup.config import load_config  # noqa: PLC0415 - `--help` loads no stage
    from newsdedup.store import Store  # noqa: PLC0415

    session = context.ensure_object(Session)
    session.adopt(quiet=quiet, verbose=verbose)
    config = load_config({"store": path, "wait": wait, **settings})
    return Store(named(config), config, create=False, wait=config.wait), session


def named(config: Config) -> str:
    """Return the path of the store; raises ConfigError where none is named."""
    if not config.store:
        raise ConfigError("no store is named; give it with --store FILE, or set NEWSDEDUP_STORE")
    return config.store


def _tell(told: Any, output_format: str, output: str | None = None) -> None:
    from newsdedup.cli.output import check_output, open_output  # noqa: PLC0415
    from newsdedup.render import render_store  # noqa: PLC0415

    check_output(output)
    with open_output(output) as target:
        render_store(told, output_format, target.stream)


def _changed(result: Result, session: Session) -> int:
    """Print the ids of the stories that a decision changed."""
    from newsdedup.cli.output import open_output  # noqa: PLC0415

    with open_output(None) as target:
        for story in result.stories:
            members = ", ".join(variant.article_id for variant in story.variants)
            target.stream.write(f"{story.change} {story.story_id}: {members}\n")  # type: ignore[attr-defined]
    if not result.stories:
        session.note("no story is another than before")
    return 0


@app.command()
def stats(
    context: typer.Context,
    store: StoreFile = None,
    output_format: ToldFormat = "text",
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Show what the store holds."""
    found, _ = opened(context, store, None, quiet, verbose)
    with found:
        _tell(found.stats(), output_format)
    return 0


@app.command()
def show(
    context: typer.Context,
    story: StoryId,
    store: StoreFile = None,
    output_format: OutputFormatOption = "text",
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Print one story as it is now; an old id resolves."""
    from newsdedup.cli.output import open_output  # noqa: PLC0415
    from newsdedup.render import render  # noqa: PLC0415

    found, _ = opened(context, store, None, quiet, verbose)
    with found, open_output(None) as target:
        render(found.showing(story), output_format, target.stream, width=target.width, colour=target.colour)
    return 0


@app.command()
def history(
    context: typer.Context,
    story: StoryId,
    store: StoreFile = None,
    output_format: ToldFormat = "text",
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Tell what happened to a story, run by run."""
    found, _ = opened(context, store, None, quiet, verbose)
    with found:
        _tell(found.history(story), output_format)
    return 0


@app.command()
def explain(
    context: typer.Context,
    article: Annotated[str, typer.Argument(help="Id of an article.", metavar="ARTICLE", show_default=False)],
    store: StoreFile = None,
    output_format: ToldFormat = "text",
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Tell why an article is in its story, and what keeps the nearest others out."""
    found, _ = opened(context, store, None, quiet, verbose)
    with found:
        _tell(found.explain(article), output_format)
    return 0


@app.command()
def split(
    context: typer.Context,
    story: StoryId,
    articles: Annotated[
        list[str], typer.Argument(help="Ids of those that leave.", metavar="ARTICLE...", show_default=False)
    ],
    store: StoreFile = None,
    wait: Wait = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Part articles from their story, for good; 'undo' takes it back."""
    found, session = opened(context, store, wait, quiet, verbose)
    with found:
        return _changed(found.split(story, articles), session)


@app.command()
def join(
    context: typer.Context,
    story: StoryId,
    other: Annotated[str, typer.Argument(help="Id of the other story.", metavar="STORY", show_default=False)],
    store: StoreFile = None,
    wait: Wait = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Make two stories one, for good; 'undo' takes it back."""
    found, session = opened(context, store, wait, quiet, verbose)
    with found:
        return _changed(found.join(story, other), session)


@app.command()
def decisions(
    context: typer.Context,
    store: StoreFile = None,
    output_format: ToldFormat = "text",
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """List what was decided, by number."""
    found, _ = opened(context, store, None, quiet, verbose)
    with found:
        _tell(found.decisions(), output_format)
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
    """Take a decision back."""
    found, session = opened(context, store, wait, quiet, verbose)
    with found:
        return _changed(found.undo(decision), session)


@app.command()
def forget(
    context: typer.Context,
    articles: Annotated[
        list[str] | None, typer.Argument(help="Ids of articles.", metavar="ARTICLE...", show_default=False)
    ] = None,
    store: StoreFile = None,
    before: Annotated[
        str | None, typer.Option(help="Those published before DATE.", metavar="DATE", show_default=False)
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Those of this source.", metavar="NAME", show_default=False)
    ] = None,
    wait: Wait = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Remove articles, their texts and all that was derived from them."""
    found, session = opened(context, store, wait, quiet, verbose)
    if not articles and before is None and source is None:
        raise ConfigError("forget what? name articles, or give --before DATE or --source NAME")
    with found:
        result = found.forget(articles or (), before=before, source=source)
        code = _changed(result, session)
        for warning in result.summary.warnings:
            session.note(f"warning: {warning}")
        session.note(f"forgotten; {changes_line(result)}")
        return code


@app.command()
def export(
    context: typer.Context,
    store: StoreFile = None,
    output_format: OutputFormatOption = "jsonl",
    output: Output = None,
    workers: Workers = None,
    profile: Profile = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Print all stories, with those about one event linked."""
    from newsdedup.cli.output import check_output, open_output  # noqa: PLC0415
    from newsdedup.cli.progress import progress  # noqa: PLC0415
    from newsdedup.render import render  # noqa: PLC0415

    found, session = opened(context, store, None, quiet, verbose, workers=workers)
    check_output(output, inputs=[str(found.path)])
    with ExitStack() as lasting:
        lasting.enter_context(found)
        with progress(session, profile=profile) as shown:
            told = lasting.enter_context(found.exporting(progress=shown))
        with open_output(output) as target:
            if output_format == "jsonl":
                target.write(told.json_lines())
            else:
                every = told if output_format in {"json", "csv"} else told.result()
                render(every, output_format, target.stream, width=target.width, colour=target.colour)
    return 0


@app.command()
def verify(
    context: typer.Context,
    store: StoreFile = None,
    output_format: ToldFormat = "text",
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Check the file, its counts, and that its pairs make its stories; exit 1 where something is wrong."""
    found, _ = opened(context, store, None, quiet, verbose)
    with found:
        told = found.verify()
        _tell(told, output_format)
    return 1 if told.problems else 0


@app.command()
def rebuild(  # noqa: PLR0913, PLR0917 - one argument a flag
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
    """Clean and match all articles again, as this version does; ids and decisions stay."""
    from newsdedup.cli.progress import progress  # noqa: PLC0415

    found, session = opened(
        context, store, wait, quiet, verbose,
        min_probability=min_probability, workers=workers, memory=memory, model=model,
    )  # fmt: skip
    with found:
        with progress(session) as shown:
            result = found.rebuild(progress=shown)
        session.note(changes_line(result))
    return 0


def changes_line(result: Any) -> str:
    """Return how many stories changed, by how."""
    counts = [f"{count:,} {change}" for change, count in result.summary.changes.items() if count]
    holds = f"the store holds {result.summary.store_articles:,} articles in {result.summary.store_stories:,} stories"
    return f"stories: {', '.join(counts) or 'none changed'}; {holds}"
