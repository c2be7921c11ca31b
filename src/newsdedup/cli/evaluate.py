"""`newsdedup evaluate LABELS`: stories held against labels, with gates for a CI job."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from newsdedup.cli.options import (
    Delimiter,
    Encoding,
    EvaluationFormatOption,
    InputFormatOption,
    MinProbability,
    Model,
    Output,
    Quiet,
    Strict,
    Verbose,
    Workers,
)
from newsdedup.cli.verbosity import Session, complain
from newsdedup.errors import InputError

if TYPE_CHECKING:
    from newsdedup.config import Config
    from newsdedup.evaluation import Labels
    from newsdedup.models.evaluation import Evaluation

GATE_FAILED = 1

LabelsFile = Annotated[
    str,
    typer.Argument(
        help="JSON Lines of labelled pairs: a, b, duplicate, relation, set.", metavar="LABELS", show_default=False
    ),
]
Paths = Annotated[
    list[str] | None,
    typer.Argument(help="Articles to run on: files, folders, globs, or '-'.", metavar="PATHS", show_default=False),
]
Stories = Annotated[
    str | None,
    typer.Option(
        help="Stories that 'ingest --format jsonl' or 'json' wrote, in place of PATHS.",
        metavar="FILE",
        show_default=False,
    ),
]
Clusters = Annotated[
    str | None,
    typer.Option(
        help="JSON Lines of full clusters: id, and story, cluster or event.", metavar="FILE", show_default=False
    ),
]
Sets = Annotated[
    str | None, typer.Option(help="Only the labels of these sets.", metavar="NAME,...", show_default=False)
]
Misses = Annotated[int, typer.Option(min=0, metavar="N", help="Show the N worst misses in full.")]
MinF1 = Annotated[
    float | None,
    typer.Option(min=0, max=1, metavar="0..1", help="Exit 1 where F1 is under this.", show_default=False),
]
MaxWrong = Annotated[
    int | None,
    typer.Option(min=0, metavar="N", help="Exit 1 where more pairs are merged wrongly.", show_default=False),
]


def evaluate(  # noqa: PLR0913, PLR0917 - one argument a flag
    context: typer.Context,
    labels: LabelsFile,
    paths: Paths = None,
    stories: Stories = None,
    clusters: Clusters = None,
    sets: Sets = None,
    misses: Misses = 0,
    min_f1: MinF1 = None,
    max_wrong: MaxWrong = None,
    output_format: EvaluationFormatOption = "text",
    output: Output = None,
    input_format: InputFormatOption = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    strict: Strict = None,
    min_probability: MinProbability = None,
    workers: Workers = None,
    model: Model = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Hold the stories against labelled pairs.

    Prints precision, recall and F1 with their intervals, for each set and relation, and what went wrong. Give PATHS to
    run on them, or a file of stories.
    """
    from newsdedup.cli.output import check_output, open_output, silence  # noqa: PLC0415 - `--help` loads no stage
    from newsdedup.config import load_config  # noqa: PLC0415
    from newsdedup.evaluation import evaluate as hold_against  # noqa: PLC0415
    from newsdedup.evaluation import read_labels, read_stories  # noqa: PLC0415
    from newsdedup.render import render_evaluation  # noqa: PLC0415

    session = context.ensure_object(Session)
    session.adopt(quiet=quiet, verbose=verbose)
    flags = {
        "input_format": input_format,
        "delimiter": delimiter,
        "encoding": encoding,
        "strict": strict,
        "min_probability": min_probability,
        "workers": workers,
        "model": model,
    }
    config = load_config(flags)
    check_output(output, inputs=[*(paths or []), *filter(None, (labels, clusters, stories, model))])
    _check_one_source(paths or [], stories, [name for name, value in flags.items() if value is not None])
    if [labels, clusters, stories, *(paths or [])].count("-") > 1:
        raise InputError("only one of LABELS, --clusters, --stories and PATHS can be standard input; save the others")
    chosen = None if sets is None else [name for each in sets.split(",") if (name := each.strip())]
    if chosen == []:
        raise InputError("--sets names no set; give one or several names, parted by commas")
    found = read_labels(labels, clusters, chosen)
    if not found.pairs and (min_f1, max_wrong) != (None, None):
        raise InputError(f"{labels}: no pair is labelled in it, and --min-f1 and --max-wrong need labelled pairs")
    if stories is not None:
        evaluation = hold_against(found, read_stories(stories), misses=misses)
    else:
        evaluation = _run(found, paths or [], config, session, misses)
    failed = failures(evaluation, min_f1, max_wrong)
    try:
        with open_output(output) as target:
            render_evaluation(evaluation, output_format, target.stream, width=target.width, colour=target.colour)
    except BrokenPipeError:
        if not failed:
            raise
        silence(sys.stdout)  # whoever reads has seen enough; a failed gate fails all the same
    if failed:
        complain(f"newsdedup: gate failed: {'; '.join(failed)}")
    return GATE_FAILED if failed else 0


def _check_one_source(paths: list[str], stories: str | None, flags: list[str]) -> None:
    if stories is None and not paths:
        raise InputError("give either PATHS to run on or --stories FILE; see 'newsdedup evaluate --help'")
    if stories is not None and paths:
        raise InputError("PATHS and --stories cannot both be given; leave one of them out")
    if stories is not None and flags:
        raise InputError(f"--{flags[0].replace('_', '-')} has no effect on --stories FILE; leave it out or give PATHS")


def _run(labels: Labels, paths: list[str], config: Config, session: Session, misses: int) -> Evaluation:
    """Find the stories of `paths` and hold them against the labels."""
    from newsdedup.cli.ingest import notes  # noqa: PLC0415 - `--help` loads no stage
    from newsdedup.cli.progress import progress  # noqa: PLC0415
    from newsdedup.engine import dedupe_and_ask  # noqa: PLC0415
    from newsdedup.evaluation import evaluate as hold_against  # noqa: PLC0415
    from newsdedup.evaluation import rows_of  # noqa: PLC0415
    from newsdedup.readers import load  # noqa: PLC0415

    if "-" in paths and sys.stdin.isatty():
        session.note("reading articles from the keyboard; end with Ctrl-D")
    items = load(paths, config)
    with progress(session) as shown:
        result, asked = dedupe_and_ask(items, [(pair.a, pair.b) for pair in labels.pairs], config, progress=shown)
    notes(result, session)
    if config.strict and result.rejected:
        raise InputError(
            f"{len(result.rejected):,} of {result.summary.records:,} records were rejected, and --strict allows none; "
            "mend or remove them"
        )
    return hold_against(labels, rows_of(result.stories), asked=asked, threshold=config.min_probability, misses=misses)


def failures(evaluation: Evaluation, min_f1: float | None, max_wrong: int | None) -> list[str]:
    """Return what fails of the gates, over all labelled pairs."""
    every = evaluation.pairs[0] if evaluation.pairs else None
    failed = []
    if every and min_f1 is not None and every.f1.value < min_f1:
        failed.append(f"F1 {every.f1.value:.4f} is under --min-f1 {min_f1:g}")
    if every and max_wrong is not None and every.wrong_merges > max_wrong:
        failed.append(f"{every.wrong_merges:,} wrong merges are over --max-wrong {max_wrong}")
    return failed
