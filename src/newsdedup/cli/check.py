"""`newsdedup check PATHS...`: the gate for new articles, for a CI job or a hook before a commit."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from newsdedup.cli.options import (
    CheckFormat,
    CheckFormatOption,
    Delimiter,
    Encoding,
    InputFormatOption,
    MinProbability,
    Model,
    Output,
    Quiet,
    Verbose,
    Workers,
)
from newsdedup.cli.verbosity import Session
from newsdedup.errors import ConfigError, InputError, OutputError

if TYPE_CHECKING:
    from newsdedup.checks.baseline import Baseline
    from newsdedup.clean import LineTable
    from newsdedup.config import Config
    from newsdedup.engine import Progress
    from newsdedup.models import Loaded
    from newsdedup.models.checks import CheckReport

FOUND = 1

Paths = Annotated[
    list[str] | None,
    typer.Argument(help="The new articles: files, folders, globs, or '-'.", metavar="PATHS", show_default=False),
]
Against = Annotated[
    list[str] | None,
    typer.Option(
        help="Known articles to hold the new ones against, or a store of them; may be given again.",
        metavar="PATH",
        show_default=False,
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        help="New are only the files of PATHS that changed in git since REF; the others are known.",
        metavar="REF",
        show_default=False,
    ),
]
Select = Annotated[
    str | None,
    typer.Option(help="Report these rules only, as in 'ND1,ND201'.", metavar="CODES", show_default=False),
]
Ignore = Annotated[str | None, typer.Option(help="Do not report these rules.", metavar="CODES", show_default=False)]
FailOn = Annotated[
    Literal["error", "warning", "note"] | None,
    typer.Option(help="Exit 1 from this severity on.  [default: error]", show_default=False),
]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Exit 0 whatever is found.")]
BaselineFile = Annotated[
    str | None,
    typer.Option("--baseline", help="Findings in FILE are accepted.", metavar="FILE", show_default=False),
]
UpdateBaseline = Annotated[
    bool, typer.Option("--update-baseline", help="Write all findings to the baseline and exit 0.")
]
Also = Annotated[
    list[str] | None,
    typer.Option(
        help="Write the report to FILE too, as in 'sarif=check.sarif'; may be given again.",
        metavar="FORMAT=FILE",
        show_default=False,
    ),
]
ListRules = Annotated[bool, typer.Option("--list-rules", help="Show every rule, with an example, and exit.")]


def check(  # noqa: PLR0913, PLR0917 - one argument a flag
    context: typer.Context,
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
    input_format: InputFormatOption = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    min_probability: MinProbability = None,
    workers: Workers = None,
    model: Model = None,
    list_rules: ListRules = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Find what is wrong with new articles.

    Tells which are broken, which tell a report that is there already, and where; exits 1 where something is found. With
    neither --against nor --since all of PATHS is new and checked among itself.
    """
    from newsdedup.config import load_config  # noqa: PLC0415 - `--help` loads no stage

    session = context.ensure_object(Session)
    session.adopt(quiet=quiet, verbose=verbose)
    if list_rules:
        return _list_rules(output)
    if not paths:
        raise InputError("check needs PATHS, the new articles; see 'newsdedup check --help'")
    config = load_config(
        {
            "input_format": input_format,
            "delimiter": delimiter,
            "encoding": encoding,
            "min_probability": min_probability,
            "workers": workers,
            "model": model,
            "check": {"select": select, "ignore": ignore, "fail_on": fail_on, "baseline": baseline},
        }
    )
    accepted = config.check.baseline
    inputs = [*paths, *(against or []), *filter(None, (model,))]
    targets = [*map(_target, also or []), (output_format, output)]
    _check_targets(targets, [*inputs, *filter(None, (accepted,))])
    held = _baseline(accepted, since, targets, inputs, update=update_baseline)
    report = _run(paths, against or [], since, config, held, session)
    if update_baseline and accepted is not None:
        _accept(report, accepted, session)
    else:
        _print(report, targets)
        session.note(summary_line(report, since))
    return FOUND if report.failed and not exit_zero and not update_baseline else 0


def _list_rules(output: str | None) -> int:
    from newsdedup.cli.output import check_output, open_output  # noqa: PLC0415
    from newsdedup.render import render_rules  # noqa: PLC0415

    check_output(output)
    with open_output(output) as target:
        render_rules(target.stream, width=target.width, colour=target.colour)
    return 0


def _target(also: str) -> tuple[str, str]:
    kind, mark, file = also.partition("=")
    if not mark or not file or kind not in get_args(CheckFormat):
        known = ", ".join(get_args(CheckFormat))
        raise InputError(f"--also {also} is not FORMAT=FILE; give it as in sarif=check.sarif, of {known}")
    return kind, file


def _check_targets(targets: Sequence[tuple[str, str | None]], inputs: Sequence[str]) -> None:
    from newsdedup.cli.output import check_output  # noqa: PLC0415

    *also, (_, output) = targets
    for flag, file in (("-o", output), *(("--also", file) for _, file in also)):
        check_output(file, flag, inputs=inputs)
    files = ["-" if file is None else os.path.realpath(file) if file != "-" else file for _, file in targets]
    if len(set(files)) < len(files):
        raise OutputError("-o and --also name one file twice; give each format a file of its own")


def _baseline(
    path: str | None,
    since: str | None,
    targets: Sequence[tuple[str, str | None]],
    inputs: Sequence[str],
    *,
    update: bool,
) -> Baseline | None:
    """Return the baseline to hold the findings against: none while it is written anew."""
    from newsdedup.checks.baseline import read  # noqa: PLC0415
    from newsdedup.cli.output import check_output  # noqa: PLC0415

    if path == "":
        raise ConfigError("--baseline names no file; give it the name of one, or leave it out")
    if not update:
        return None if path is None else read(path)
    if path is None:
        raise ConfigError("--update-baseline needs a file; name it with --baseline FILE")
    if since is not None:
        raise ConfigError("--update-baseline needs the findings in all of PATHS; leave out --since")
    if any(file is not None for _, file in targets):
        raise ConfigError("--update-baseline writes the baseline and no report; leave out -o and --also")
    check_output(path, "--baseline", inputs=inputs)
    return None


def _run(
    paths: Sequence[str],
    against: Sequence[str],
    since: str | None,
    config: Config,
    baseline: Baseline | None,
    session: Session,
) -> CheckReport:
    from newsdedup.checks import check as ask  # noqa: PLC0415
    from newsdedup.cli.progress import progress  # noqa: PLC0415

    stores = [path for path in against if _is_store(path)]
    files = [path for path in against if path not in stores]
    with progress(session) as shown:
        new, known = _parted(paths, files, since, config)
        table = None
        if stores:
            new, known, table = _beside(stores, new, known, config, shown)
        report = ask(new, known, config, baseline=baseline, table=table, progress=shown)
    if report.summary.new == 0 and since is None:
        raise InputError(
            f"there is no article in {', '.join(paths)}, so nothing was checked; name files that hold some"
        )
    return report


def _is_store(path: str) -> bool:
    from newsdedup.store.database import is_store  # noqa: PLC0415

    return Path(path).is_file() and is_store(Path(path))


def _beside(
    stores: Sequence[str], new: Iterable[Loaded], known: Iterable[Loaded], config: Config, progress: Progress | None
) -> tuple[Sequence[Loaded], Sequence[Loaded], LineTable]:
    """Return what is new and what is known, with the articles of a store that are near, and what its outlets repeat.

    What the store holds by the path and record of a new article is that article.
    """
    from newsdedup.models import Article, Skipped  # noqa: PLC0415
    from newsdedup.store import Store  # noqa: PLC0415

    if len(stores) > 1:
        raise ConfigError(f"--against names {len(stores)} stores; name one")
    fresh = list(new)
    with Store(stores[0], config, create=False) as store:
        near, table = store.near([item for item in fresh if isinstance(item, Article)], progress=progress)
    read = {(_real(item), item.record) for item in fresh if not isinstance(item, Skipped)}
    beside = [article for article in near if (_real(article), article.record) not in read]
    return fresh, [*known, *beside], table


def _parted(
    paths: Sequence[str], against: Sequence[str], since: str | None, config: Config
) -> tuple[Iterable[Loaded], Iterable[Loaded]]:
    """Return what is new and what is known; what is both is new, and the baseline among them is neither."""
    from newsdedup.checks.git_since import changed_since  # noqa: PLC0415
    from newsdedup.readers import check_paths  # noqa: PLC0415

    items = _articles(paths, config)
    if since is None:
        if not against:
            return items, ()
        known = _articles(against, config)
        every = list(items)
        read = {_real(item) for item in every}
        return every, (item for item in known if _real(item) not in read)
    changed = changed_since(check_paths(paths), since)
    known = _articles(against, config) if against else iter(())
    if not changed and "-" not in paths:
        return (), ()
    new: list[Loaded] = []
    rest: list[Loaded] = []
    for item in items:
        # A name that is no Unicode is printed otherwise than it is, so it cannot be found again: taken for new.
        is_new = item.path == "-" or _real(item) in changed or not os.path.lexists(item.path)
        (new if is_new else rest).append(item)
    read = {_real(item) for item in (*new, *rest)}
    return new, chain(rest, (item for item in known if _real(item) not in read))


def _articles(paths: Sequence[str], config: Config) -> Iterator[Loaded]:
    from newsdedup.readers import load  # noqa: PLC0415

    items = load(paths, config)  # what is wrong with the paths is said at the call
    if config.check.baseline is None:
        return items
    baseline = os.path.realpath(config.check.baseline)
    return (item for item in items if _real(item) != baseline)


def _real(item: Loaded) -> str:
    return os.path.realpath(item.path)


def _accept(report: CheckReport, path: str, session: Session) -> None:
    from newsdedup.checks.baseline import to_json  # noqa: PLC0415
    from newsdedup.cli.output import open_output  # noqa: PLC0415
    from newsdedup.render.wording import number  # noqa: PLC0415

    with open_output(path) as target:
        target.stream.write(to_json(report.findings))
    session.note(f"{number(len(report.findings), 'finding')} accepted in {path}")


def _print(report: CheckReport, targets: Sequence[tuple[str, str | None]]) -> None:
    from newsdedup.cli.output import open_output, silence  # noqa: PLC0415
    from newsdedup.render import render_check  # noqa: PLC0415

    try:
        for output_format, path in targets:  # standard output last, whose reader may close the pipe
            with open_output(path) as target:
                render_check(report, output_format, target.stream, width=target.width, colour=target.colour)
    except BrokenPipeError:
        if not report.failed:
            raise
        silence(sys.stdout)  # whoever reads has seen enough; what was found fails all the same


def summary_line(report: CheckReport, since: str | None) -> str:
    """Return what was checked and found in one line."""
    from newsdedup.render.check import phrases  # noqa: PLC0415

    if not report.summary.new and since is not None:
        return f"no article is new since {since}: nothing to check"
    found = phrases.counts(report.findings) or "nothing found"
    return "; ".join(filter(None, (f"{phrases.checked(report.summary)}: {found}", phrases.left_aside(report.summary))))
