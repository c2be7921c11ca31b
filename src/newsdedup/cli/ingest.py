"""`newsdedup ingest PATHS...`: read articles, merge those that carry the same report, print the stories."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

from newsdedup.cli.options import Output, Profile, RejectedFile, StoriesFormatOption, argument, command
from newsdedup.cli.output import check_output, open_output, write_report, write_stories
from newsdedup.cli.store import format_changes
from newsdedup.cli.verbosity import Session, write_stderr
from newsdedup.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsdedup.config import Config
    from newsdedup.engine import Run
    from newsdedup.models import Loaded, Rejected, Result, Summary
    from newsdedup.models.store import StoreSummary


@command(
    "input_format",
    "delimiter",
    "encoding",
    "strict",
    "min_probability",
    "workers",
    "memory",
    "model",
    "base",
    "prefer_sources",
    "additions",
    "store",
    "wait",
)
def ingest(
    session: Session,
    paths: Annotated[list[str], argument(help="Files, folders, globs, or '-' for standard input.", metavar="PATHS")],
    output_format: StoriesFormatOption = "text",
    output: Output = None,
    rejected: RejectedFile = None,
    *,
    profile: Profile = False,
) -> int:
    """Read articles and print the merged stories.

    Articles that carry the same report become one story with one canonical article. Stories go to standard output;
    progress, warnings, rejected records and the summary go to standard error. With --store the articles are added to
    the store, and the stories that changed are printed.
    """
    from newsdedup.cli.progress import show_progress  # noqa: PLC0415 - `--help` loads no stage
    from newsdedup.config import load_config  # noqa: PLC0415
    from newsdedup.engine import open_run  # noqa: PLC0415
    from newsdedup.render import load_format  # noqa: PLC0415

    config = load_config(session.settings)
    stories_format = load_format("stories", output_format)
    input_paths = [*paths, *filter(None, [session.settings["model"], config.store])]
    check_output(output, inputs=input_paths)
    check_output(rejected, "--rejected", inputs=input_paths)
    if rejected is not None and rejected == output:
        raise OutputError(f"-o and --rejected both name {output}; give each its own file")
    items = load_articles(paths, config, session)
    # On a terminal progress bars and data would overwrite each other.
    in_chunks = stories_format.render_chunks is not None and not _is_terminal(output)
    with ExitStack() as stack:
        with show_progress(session, profile=profile) as progress:
            if config.store:
                from newsdedup.store import Store  # noqa: PLC0415 - only if there is one

                opened_store = stack.enter_context(Store(config.store, config, wait=config.wait))
                current_run: Run = stack.enter_context(opened_store.open_run(items, progress=progress))
            else:
                current_run = stack.enter_context(open_run(items, config, progress=progress))
            if rejected is not None:  # before the data: its reader may close the pipe
                _write_rejected(current_run.rejected, rejected)
            if in_chunks:
                write_stories(current_run, stories_format, output, progress)
        if not in_chunks:
            result = current_run if stories_format.one_pass else current_run.to_result()
            write_report(result, stories_format, output)
        write_notes(current_run, session)
        return _get_exit_code(current_run, strict=config.strict)


def load_articles(paths: list[str], config: Config, session: Session) -> Iterator[Loaded]:
    """Return the articles in `paths`, with a note if they are typed at the keyboard."""
    from newsdedup.readers import load  # noqa: PLC0415

    if "-" in paths and sys.stdin.isatty():
        session.print_note("reading articles from the keyboard; end with Ctrl-D")
    return load(paths, config)


def _is_terminal(output: str | None) -> bool:
    return output in {None, "-"} and sys.stdout is not None and sys.stdout.isatty()


def _write_rejected(rejected: tuple[Rejected, ...], path: str) -> None:
    from newsdedup.render.json_text import to_json  # noqa: PLC0415

    with open_output(path) as target:
        target.stream.writelines(to_json(item) + "\n" for item in rejected)


def write_notes(result: Result | Run, session: Session) -> None:
    """Write the rejected records, the warnings, the least certain merges and the summary to stderr."""
    for item in result.rejected:
        session.print_note(f"rejected: {item.path}#{item.record}: {item.reason}")
    for warning in result.summary.warnings:
        session.print_note(f"warning: {warning}")
    if doubts := format_least_certain(result):
        session.print_note(doubts)
    session.print_note(format_summary(result))


def format_least_certain(result: Result | Run) -> str:
    """Return one line that names the least certain merges; empty if all are certain enough."""
    from newsdedup.thresholds import DOUBTFUL_COHESION  # noqa: PLC0415

    merges = [
        f"{merge.story_id} ({merge.weakest:.2f}, {merge.title or 'no title'})"
        for merge in result.summary.least_certain
        if merge.weakest < DOUBTFUL_COHESION
    ]
    more = result.summary.doubtful - len(merges)
    suffix = f"; and {more:,} more under {DOUBTFUL_COHESION:.2f}" if more > 0 else ""
    return f"least certain merges, review these first: {'; '.join(merges)}{suffix}" if merges else ""


def format_summary(result: Result | Run) -> str:
    """Return the summary in one line. Its counts add up: records = merged + lone + repeated + rejected."""
    from newsdedup.models.store import StoreSummary  # noqa: PLC0415
    from newsdedup.render.wording import format_count  # noqa: PLC0415

    summary = result.summary
    if isinstance(summary, StoreSummary):
        return _format_store_summary(summary)
    articles = format_count(summary.articles - summary.lone, "article")
    merged = f"{summary.merged_stories:,} merged from {articles}" if summary.merged_stories else ""
    parts = ", ".join(filter(None, [merged, f"{summary.lone:,} lone" if summary.lone else ""]))
    stories = format_count(summary.stories, "story") + (f" ({parts})" if parts else "")
    unused = f"{summary.repeated:,} repeated, {summary.rejected:,} rejected"
    return f"{format_count(summary.records, 'record')}: {stories}, {unused}{_format_asides(summary)}"


def _format_store_summary(summary: StoreSummary) -> str:
    from newsdedup.render.wording import format_count  # noqa: PLC0415

    articles = format_count(summary.articles, "new article")
    records = f"{format_count(summary.records, 'record')}: {articles}, {summary.repeated:,} already stored"
    return f"{records}, {summary.rejected:,} rejected; {format_changes(summary)}{_format_asides(summary)}"


def _format_asides(summary: Summary) -> str:
    from newsdedup.render.wording import format_count  # noqa: PLC0415

    pages = format_count(summary.body_empty, "page without a report", "pages without a report")
    asides = (
        (summary.conflicts, format_count(summary.conflicts, "conflict")),
        (summary.body_empty, pages),
        (summary.skipped, f"{format_count(summary.skipped, 'file')} skipped (hidden, .md or unknown extension)"),
    )
    return "".join(f"; {aside}" for count, aside in asides if count)


def _get_exit_code(result: Run, *, strict: bool) -> int:
    if not result.summary.articles + result.summary.repeated:
        write_stderr("newsdedup: error: no articles in the input; the output is empty")
        return 2
    if strict and result.rejected:
        write_stderr(f"newsdedup: error: {format_strict_problem(result)}")
        return 2
    return 0


def format_strict_problem(result: Result | Run) -> str:
    """Return why `--strict` fails: how many records were rejected."""
    rejected = f"{len(result.rejected):,} of {result.summary.records:,} records were rejected"
    return f"{rejected}, and --strict allows none; fix or remove them"
