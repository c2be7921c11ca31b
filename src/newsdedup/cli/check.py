"""`newsdedup check PATHS...`: check new articles, in a CI job or a pre-commit hook."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from newsdedup.cli.options import CheckFormatOption, Output, argument, command, option
from newsdedup.cli.output import check_output, open_output, silence, write_report
from newsdedup.cli.progress import show_progress
from newsdedup.cli.verbosity import Session
from newsdedup.errors import ConfigError, InputError, OutputError
from newsdedup.registry import list_output_formats

if TYPE_CHECKING:
    from newsdedup.checks.baseline import Baseline
    from newsdedup.config import Config
    from newsdedup.models import Loaded
    from newsdedup.models.checks import CheckReport
    from newsdedup.store import Store

_Targets = Sequence[tuple[str, str | None]]
"""Formats of the report, each with its file, None for standard output."""
EXIT_FINDINGS = 1
"""Exit code if a finding has the severity of `--fail-on` or a higher one."""

Paths = Annotated[list[str] | None, argument(help="The new articles: files, folders, globs, or '-'.", metavar="PATHS")]
Against = Annotated[
    list[str] | None,
    option(help="Known articles to compare the new ones with, or a store; may be repeated.", metavar="PATH"),
]
Since = Annotated[
    str | None,
    option(help="Only files of PATHS changed in git since REF are new; the others are known.", metavar="REF"),
]
Select = Annotated[str | None, option(help="Report only these rules, e.g. 'ND1,ND201'.", metavar="CODES")]
Ignore = Annotated[str | None, option(help="Do not report these rules.", metavar="CODES")]
FailOn = Annotated[
    Literal["error", "warning", "note"] | None,
    option(help="Exit 1 for findings of this severity or higher.  [default: error]"),
]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Exit 0 even if there are findings.")]
BaselineFile = Annotated[str | None, option("--baseline", help="Accept the findings recorded in FILE.", metavar="FILE")]
UpdateBaseline = Annotated[
    bool, typer.Option("--update-baseline", help="Record all findings in the baseline and exit 0.")
]
Also = Annotated[
    list[str] | None,
    option(help="Also write the report to FILE, e.g. 'sarif=check.sarif'; may be repeated.", metavar="FORMAT=FILE"),
]
ListRules = Annotated[bool, typer.Option("--list-rules", help="Show every rule with an example and exit.")]


@command("input_format", "delimiter", "encoding", "min_probability", "workers", "model")
def check(  # noqa: PLR0913, PLR0917 - one argument per flag
    session: Session,
    paths: Paths = None,
    against: Against = None,
    since: Since = None,
    select: Select = None,
    ignore: Ignore = None,
    fail_on: FailOn = None,
    exit_zero: ExitZero = False,
    baseline: BaselineFile = None,
    update_baseline: UpdateBaseline = False,
    output_format: CheckFormatOption = "text",
    output: Output = None,
    also: Also = None,
    *,
    list_rules: ListRules = False,
) -> int:
    """Check new articles for problems and duplicates.

    Reports articles that are broken and articles whose report exists already, each with its place in the file; exits 1
    if there are findings of the severity --fail-on or a higher one. Without --against and --since all of PATHS is new,
    and its articles are compared with each other.
    """
    from newsdedup.config import load_config  # noqa: PLC0415 - `--help` loads no stage

    if list_rules:
        return _list_rules(output)
    if not paths:
        raise InputError("check needs PATHS, the new articles; see 'newsdedup check --help'")
    check_flags = {"select": select, "ignore": ignore, "fail_on": fail_on, "baseline": baseline}
    config = load_config({**session.settings, "check": check_flags})
    baseline_path = config.check.baseline
    inputs = [*paths, *(against or []), *filter(None, [session.settings["model"]])]
    targets = [*map(_parse_also, also or []), (output_format, output)]
    _check_targets(targets, [*inputs, *filter(None, (baseline_path,))])
    accepted_findings = _read_baseline(baseline_path, since, targets, inputs, update=update_baseline)
    report = _check_articles(paths, against or [], since, config, accepted_findings, session)
    if update_baseline and baseline_path is not None:
        _write_baseline(report, baseline_path, session)
    else:
        _write_reports(report, targets)
        session.print_note(format_summary(report, since))
    return EXIT_FINDINGS if report.failed and not exit_zero and not update_baseline else 0


def _list_rules(output: str | None) -> int:
    from newsdedup.render import render_rules  # noqa: PLC0415

    check_output(output)
    with open_output(output) as target:
        render_rules(target.stream, width=target.width, colour=target.colour)
    return 0


def _parse_also(also: str) -> tuple[str, str]:
    output_format, separator, path = also.partition("=")
    formats = list_output_formats("check")
    if not separator or not path or output_format not in formats:
        raise InputError(f"--also {also} is not FORMAT=FILE, e.g. sarif=check.sarif; formats: {', '.join(formats)}")
    return output_format, path


def _check_targets(targets: _Targets, inputs: Sequence[str]) -> None:
    from newsdedup.render import load_format  # noqa: PLC0415

    for output_format, _ in targets:
        load_format("check", output_format)
    *also_targets, (_, output) = targets
    for flag, file in (("-o", output), *(("--also", file) for _, file in also_targets)):
        check_output(file, flag, inputs=inputs)
    files = ["-" if file is None else os.path.realpath(file) if file != "-" else file for _, file in targets]
    if len(set(files)) < len(files):
        raise OutputError("-o and --also name the same file; give each format its own file")


def _read_baseline(
    baseline_path: str | None, since: str | None, targets: _Targets, inputs: Sequence[str], *, update: bool
) -> Baseline | None:
    """Return the baseline whose findings are accepted; None if there is none or if it is being rewritten.

    Raises ConfigError if the flags contradict each other.
    """
    from newsdedup.checks.baseline import read_baseline  # noqa: PLC0415

    if baseline_path == "":
        raise ConfigError("--baseline is empty; give a file name or leave it out")
    if not update:
        return None if baseline_path is None else read_baseline(baseline_path)
    if baseline_path is None:
        raise ConfigError("--update-baseline needs a file; give it with --baseline FILE")
    if since is not None:
        raise ConfigError("--update-baseline needs the findings in all of PATHS; leave out --since")
    if any(file is not None for _, file in targets):
        raise ConfigError("--update-baseline writes the baseline, not a report; leave out -o and --also")
    check_output(baseline_path, "--baseline", inputs=inputs)
    return None


def _check_articles(
    paths: list[str], against: list[str], since: str | None, config: Config, baseline: Baseline | None, session: Session
) -> CheckReport:
    from newsdedup.checks import check as check_articles  # noqa: PLC0415

    stores = [path for path in against if _is_store(path)]
    files = [path for path in against if path not in stores]
    if len(stores) > 1:
        raise ConfigError(f"--against names {len(stores)} stores; give only one")
    with ExitStack() as stack:
        progress = stack.enter_context(show_progress(session))
        new_articles, known_articles = _split_new_and_known(paths, files, since, config)
        store = stack.enter_context(_open_store(stores[0], config)) if stores else None
        report = check_articles(new_articles, known_articles, config, baseline=baseline, store=store, progress=progress)
    if report.summary.new == 0 and since is None:
        raise InputError(f"no articles in {', '.join(paths)}, nothing was checked; give files that contain articles")
    return report


def _is_store(path: str) -> bool:
    from newsdedup.store.database import is_store  # noqa: PLC0415

    return Path(path).is_file() and is_store(Path(path))


def _open_store(path: str, config: Config) -> Store:
    from newsdedup.store import Store  # noqa: PLC0415

    return Store(path, config, create=False)


def _split_new_and_known(
    paths: Sequence[str], against: Sequence[str], since: str | None, config: Config
) -> tuple[Iterable[Loaded], Iterable[Loaded]]:
    """Return the new and the known articles. A file that is both counts as new; the baseline file is neither."""
    from newsdedup.checks.git_since import find_new_files  # noqa: PLC0415
    from newsdedup.readers import expand_paths  # noqa: PLC0415

    items = _load_without_baseline(paths, config)
    if since is None and not against:
        return items, ()
    changed_paths = None if since is None else find_new_files(expand_paths(paths), since)
    known_items = _load_without_baseline(against, config) if against else iter(())
    if changed_paths is not None and not changed_paths and "-" not in paths:
        return (), ()
    new_items: list[Loaded] = []
    unchanged_items: list[Loaded] = []
    for item in items:
        # `item.path` of a name that is not valid Unicode names no file, so it cannot be looked up: treat it as new.
        is_new = (
            changed_paths is None
            or item.path == "-"
            or _get_real_path(item) in changed_paths
            or not os.path.lexists(item.path)
        )
        (new_items if is_new else unchanged_items).append(item)
    new_paths = {_get_real_path(item) for item in (*new_items, *unchanged_items)}
    return new_items, chain(unchanged_items, (item for item in known_items if _get_real_path(item) not in new_paths))


def _load_without_baseline(paths: Sequence[str], config: Config) -> Iterator[Loaded]:
    from newsdedup.readers import load  # noqa: PLC0415

    items = load(paths, config)  # raises for bad paths here, not at the first item
    if config.check.baseline is None:
        return items
    baseline_path = os.path.realpath(config.check.baseline)
    return (item for item in items if _get_real_path(item) != baseline_path)


def _get_real_path(item: Loaded) -> str:
    return os.path.realpath(item.path)


def _write_baseline(report: CheckReport, path: str, session: Session) -> None:
    from newsdedup.checks.baseline import format_baseline  # noqa: PLC0415
    from newsdedup.render.wording import format_count  # noqa: PLC0415

    with open_output(path) as target:
        target.stream.write(format_baseline(report.findings))
    session.print_note(f"{format_count(len(report.findings), 'finding')} accepted in {path}")


def _write_reports(report: CheckReport, targets: _Targets) -> None:
    from newsdedup.render import load_format  # noqa: PLC0415

    try:
        for output_format, path in targets:  # standard output is last: its reader may close the pipe
            write_report(report, load_format("check", output_format), path)
    except BrokenPipeError:
        if not report.failed:
            raise
        silence(sys.stdout)  # the reader has stopped reading; the exit code still has to say that the check failed


def format_summary(report: CheckReport, since: str | None) -> str:
    """Return one line that says how many articles were checked and how many findings there are."""
    from newsdedup.render import finding_phrases as phrases  # noqa: PLC0415

    if not report.summary.new and since is not None:
        return f"no articles changed since {since}: nothing to check"
    finding_counts = phrases.format_counts(report.findings) or "no findings"
    suppressed = phrases.format_suppressed(report.summary)
    return f"{phrases.format_checked(report.summary)}: {finding_counts}" + (f"; {suppressed}" if suppressed else "")
