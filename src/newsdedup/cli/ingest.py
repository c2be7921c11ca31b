"""`newsdedup ingest PATHS...`: read articles, merge those that tell the same report, print the stories."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from newsdedup.cli.options import (
    Delimiter,
    Encoding,
    InputFormatOption,
    Memory,
    MinProbability,
    Model,
    Output,
    OutputFormatOption,
    Profile,
    Quiet,
    RejectedFile,
    StoreFile,
    Strict,
    Verbose,
    Wait,
    Workers,
)
from newsdedup.cli.verbosity import Session, complain
from newsdedup.errors import OutputError

if TYPE_CHECKING:
    from newsdedup.engine import Run
    from newsdedup.models import Rejected, Result, Summary
    from newsdedup.models.store import StoreSummary
    from newsdedup.store import StoreRun


def ingest(  # noqa: PLR0913, PLR0917 - one argument a flag
    context: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(help="Files, folders, globs, or '-' for standard input.", metavar="PATHS", show_default=False),
    ],
    output_format: OutputFormatOption = "text",
    output: Output = None,
    rejected: RejectedFile = None,
    input_format: InputFormatOption = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    strict: Strict = None,
    min_probability: MinProbability = None,
    workers: Workers = None,
    memory: Memory = None,
    model: Model = None,
    store: StoreFile = None,
    wait: Wait = None,
    profile: Profile = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Read articles and print the stories, merged.

    Articles that tell the same report become one story with one canonical article. The stories go to standard output;
    progress, warnings, rejected records and the summary go to standard error. With --store articles are added to what
    the store holds, and the stories that changed are printed.
    """
    from newsdedup.cli.output import check_output, open_output  # noqa: PLC0415 - `--help` loads no stage
    from newsdedup.cli.progress import progress  # noqa: PLC0415
    from newsdedup.config import load_config  # noqa: PLC0415
    from newsdedup.engine import run  # noqa: PLC0415
    from newsdedup.readers import load  # noqa: PLC0415
    from newsdedup.render import render  # noqa: PLC0415

    session = context.ensure_object(Session)
    session.adopt(quiet=quiet, verbose=verbose)
    config = load_config(
        {
            "input_format": input_format,
            "delimiter": delimiter,
            "encoding": encoding,
            "strict": strict,
            "min_probability": min_probability,
            "workers": workers,
            "memory": memory,
            "model": model,
            "store": store,
            "wait": wait,
        }
    )
    given = [*paths, *filter(None, (model, config.store))]
    check_output(output, inputs=given)
    check_output(rejected, "--rejected", inputs=given)
    if rejected is not None and rejected == output:
        raise OutputError(f"-o and --rejected both name {output}; give each a file of its own")
    if "-" in paths and sys.stdin.isatty():
        session.note("reading articles from the keyboard; end with Ctrl-D")
    items = load(paths, config)
    lines = output_format == "jsonl" and not _is_terminal(output)  # there bars and data would overwrite each other
    with ExitStack() as lasting:
        with progress(session, profile=profile) as shown:
            if config.store:
                from newsdedup.store import Store  # noqa: PLC0415 - only where there is one

                kept = lasting.enter_context(Store(config.store, config, wait=config.wait))
                found: Run | StoreRun = lasting.enter_context(kept.ingesting(items, progress=shown))
            else:
                found = lasting.enter_context(run(items, config, progress=shown))
            if rejected is not None:  # before the data, whose reader may close the pipe
                _write_rejected(found.rejected, rejected)
            if lines:
                with open_output(output) as target:
                    target.write(found.json_lines(shown))
        if not lines:
            with open_output(output) as target:
                told = found if output_format in {"json", "jsonl", "csv"} else found.result()
                render(told, output_format, target.stream, width=target.width, colour=target.colour)
        notes(found, session)
        return _exit_code(found, strict=config.strict)


def _is_terminal(output: str | None) -> bool:
    return output in {None, "-"} and sys.stdout is not None and sys.stdout.isatty()


def _write_rejected(found: tuple[Rejected, ...], path: str) -> None:
    from newsdedup.cli.output import open_output  # noqa: PLC0415
    from newsdedup.render.json_text import to_json  # noqa: PLC0415

    with open_output(path) as target:
        target.stream.writelines(to_json(item) + "\n" for item in found)


def notes(result: Result | Run | StoreRun, session: Session) -> None:
    """Write what was rejected, the warnings and the summary to stderr."""
    for item in result.rejected:
        session.note(f"rejected: {item.path}#{item.record}: {item.reason}")
    for warning in result.summary.warnings:
        session.note(f"warning: {warning}")
    if doubts := doubts_line(result):
        session.note(doubts)
    session.note(summary_line(result))


def doubts_line(result: Result | Run | StoreRun) -> str:
    """Return the least certain merges in one line, or nothing where all are certain enough."""
    from newsdedup.thresholds import DOUBTFUL  # noqa: PLC0415

    named = [
        f"{each.story_id} ({each.weakest:.2f}, {each.title or 'no title'})"
        for each in result.summary.least_certain
        if each.weakest < DOUBTFUL
    ]
    more = result.summary.doubtful - len(named)
    rest = f"; and {more:,} more under {DOUBTFUL:.2f}" if more > 0 else ""
    return f"least certain merges, to look at first: {'; '.join(named)}{rest}" if named else ""


def summary_line(result: Result | Run | StoreRun) -> str:
    """Return the summary in one line, whose parts add up: records = merged + lone + repeated + rejected."""
    from newsdedup.models.store import StoreSummary  # noqa: PLC0415
    from newsdedup.render.wording import number  # noqa: PLC0415

    summary = result.summary
    if isinstance(summary, StoreSummary):
        return _store_line(summary)
    parts = []
    if summary.merged_stories:
        parts.append(f"{summary.merged_stories:,} merged from {number(summary.articles - summary.lone, 'article')}")
    if summary.lone:
        parts.append(f"{summary.lone:,} lone")
    stories = number(summary.stories, "story", "stories") + (f" ({', '.join(parts)})" if parts else "")
    line = (
        f"{number(summary.records, 'record')}: {stories}, {summary.repeated:,} repeated, {summary.rejected:,} rejected"
    )
    return line + _asides(summary)


def _store_line(summary: StoreSummary) -> str:
    from newsdedup.render.wording import number  # noqa: PLC0415

    told = ", ".join(f"{count:,} {change}" for change, count in summary.changes.items() if count) or "none changed"
    return (
        f"{number(summary.records, 'record')}: {number(summary.articles, 'new article')}, {summary.repeated:,} known, "
        f"{summary.rejected:,} rejected; stories: {told}; the store holds {number(summary.store_articles, 'article')} "
        f"in {number(summary.store_stories, 'story', 'stories')}{_asides(summary)}"
    )


def _asides(summary: Summary) -> str:
    from newsdedup.render.wording import number  # noqa: PLC0415

    asides = []
    if summary.conflicts:
        asides.append(number(summary.conflicts, "conflict"))
    if summary.body_empty:
        asides.append(number(summary.body_empty, "page without a report", "pages without a report"))
    if summary.skipped:
        asides.append(f"{number(summary.skipped, 'file')} left out (hidden, .md or unknown ending)")
    return "".join(f"; {each}" for each in asides)


def _exit_code(result: Run | StoreRun, *, strict: bool) -> int:
    if not result.summary.articles + result.summary.repeated:
        complain("newsdedup: error: there is no article in the input; the output is empty")
        return 2
    if strict and result.rejected:
        refused = f"{len(result.rejected):,} of {result.summary.records:,} records were rejected"
        complain(f"newsdedup: error: {refused}, and --strict allows none; mend or remove them")
        return 2
    return 0
