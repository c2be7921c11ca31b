"""`newsdedup evaluate LABELS`: score stories against labels, with gates for a CI job."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from newsdedup.cli.ingest import format_strict_problem, load_articles, write_notes
from newsdedup.cli.options import EvaluationFormatOption, Output, argument, command, option
from newsdedup.cli.output import check_output, silence, write_report
from newsdedup.cli.verbosity import Session, write_stderr
from newsdedup.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdedup.config import Config
    from newsdedup.evaluation import LabelledStory, Labels
    from newsdedup.models.evaluation import Evaluation

EXIT_GATE_FAILED = 1
"""Exit code if `--min-f1` or `--max-wrong` is not met."""

LabelsFile = Annotated[
    str | None, argument(help="JSON Lines of labelled pairs: a, b, duplicate, relation, set.", metavar="LABELS")
]
Paths = Annotated[
    list[str] | None, argument(help="Articles to run on: files, folders, globs, or '-'.", metavar="PATHS")
]
Stories = Annotated[
    str | None, option(help="Stories written by 'ingest --format jsonl' or 'json', instead of PATHS.", metavar="FILE")
]
Clusters = Annotated[
    str | None, option(help="JSON Lines of full clusters: id, and story, cluster or event.", metavar="FILE")
]
Statements = Annotated[
    str | None,
    option(
        help="JSON Lines of stories labelled by statement, in place of LABELS: score the canonical articles.",
        metavar="FILE",
    ),
]
Sets = Annotated[str | None, option(help="Use only the labels of these sets.", metavar="NAME,...")]
Misses = Annotated[int, typer.Option(min=0, metavar="N", help="Show the N worst misses in full.")]
MinF1 = Annotated[float | None, option(min=0, max=1, metavar="0..1", help="Exit 1 if F1 is below this.")]
MaxWrong = Annotated[int | None, option(min=0, metavar="N", help="Exit 1 if more than N pairs are merged wrongly.")]


@command("input_format", "delimiter", "encoding", "strict", "min_probability", "workers", "model")
def evaluate(  # noqa: PLR0913, PLR0917 - one argument per flag
    session: Session,
    labels: LabelsFile = None,
    paths: Paths = None,
    stories: Stories = None,
    clusters: Clusters = None,
    statements: Statements = None,
    sets: Sets = None,
    misses: Misses = 0,
    min_f1: MinF1 = None,
    max_wrong: MaxWrong = None,
    output_format: EvaluationFormatOption = "text",
    output: Output = None,
) -> int:
    """Score the stories against labelled pairs or statements.

    Prints precision, recall and F1 with confidence intervals, by set and relation, and the causes of the errors. Give
    PATHS to find the stories in them, or a file of stories. With --statements there are no LABELS: all arguments are
    PATHS, and boilerplate, repetitions and losses of the canonical articles are printed.
    """
    from newsdedup.config import load_config  # noqa: PLC0415 - `--help` loads no stage
    from newsdedup.evaluation import NO_LABELS, read_labels, read_statements, read_stories, score_stories  # noqa: PLC0415
    from newsdedup.render import load_format  # noqa: PLC0415

    paths = paths or []
    if statements is not None:
        _refuse_label_flags({"--clusters": clusters, "--sets": sets, "--min-f1": min_f1, "--max-wrong": max_wrong})
        labels, paths = None, [*filter(None, [labels]), *paths]
    elif labels is None:
        raise InputError("give LABELS or --statements FILE; see 'newsdedup evaluate --help'")
    config = load_config(session.settings)
    evaluation_format = load_format("evaluation", output_format)
    check_output(
        output, inputs=[*paths, *filter(None, [labels, clusters, statements, stories, session.settings["model"]])]
    )
    _check_one_source(paths, stories, [name for name, value in session.settings.items() if value is not None])
    if [labels, clusters, statements, stories, *paths].count("-") > 1:
        raise InputError("only one file of labels, stories or articles can be '-'; save the others to files")
    set_names = None if sets is None else [name.strip() for name in sets.split(",") if name.strip()]
    if set_names == []:
        raise InputError("--sets is empty; give one or more names, separated by commas")
    labelled = read_labels(labels, clusters, set_names) if labels is not None else NO_LABELS
    labelled_stories = read_statements(statements) if statements is not None else ()
    if not labelled.pairs and (min_f1, max_wrong) != (None, None):
        raise InputError(f"{labels} contains no labelled pairs, and --min-f1 and --max-wrong need some")
    if stories is not None:
        evaluation = score_stories(labelled, read_stories(stories), statements=labelled_stories, misses=misses)
    else:
        evaluation = _evaluate_paths(labelled, labelled_stories, paths, config, session, misses)
    failed_gates = find_failed_gates(evaluation, min_f1, max_wrong)
    try:
        write_report(evaluation, evaluation_format, output)
    except BrokenPipeError:
        if not failed_gates:
            raise
        silence(sys.stdout)  # the reader has stopped reading; the exit code still has to say that the gate failed
    if failed_gates:
        write_stderr(f"newsdedup: gate failed: {'; '.join(failed_gates)}")
    return EXIT_GATE_FAILED if failed_gates else 0


def _refuse_label_flags(flags: dict[str, object]) -> None:
    if given := [name for name, value in flags.items() if value is not None]:
        raise InputError(f"{given[0]} has no effect on --statements; leave it out or give LABELS")


def _check_one_source(paths: list[str], stories: str | None, flags: list[str]) -> None:
    if stories is None and not paths:
        raise InputError("give PATHS or --stories FILE; see 'newsdedup evaluate --help'")
    if stories is not None and paths:
        raise InputError("PATHS and --stories cannot both be given; leave one of them out")
    if stories is not None and flags:
        raise InputError(f"--{flags[0].replace('_', '-')} has no effect on --stories FILE; leave it out or give PATHS")


def _evaluate_paths(
    labels: Labels,
    statements: Sequence[LabelledStory],
    paths: list[str],
    config: Config,
    session: Session,
    misses: int,
) -> Evaluation:
    """Run the pipeline on `paths` and score the stories against the labels."""
    from newsdedup.cli.progress import show_progress  # noqa: PLC0415
    from newsdedup.engine import dedupe_and_score  # noqa: PLC0415
    from newsdedup.evaluation import score_stories, story_rows  # noqa: PLC0415

    items = load_articles(paths, config, session)
    pairs = [(pair.a, pair.b) for pair in labels.pairs]
    with show_progress(session) as progress:
        result, pair_answers = dedupe_and_score(items, pairs, config, progress=progress)
    write_notes(result, session)
    if config.strict and result.rejected:
        raise InputError(format_strict_problem(result))
    return score_stories(
        labels,
        story_rows(result.stories),
        scored_pairs=pair_answers,
        statements=statements,
        threshold=config.min_probability,
        misses=misses,
    )


def find_failed_gates(evaluation: Evaluation, min_f1: float | None, max_wrong: int | None) -> list[str]:
    """Return one message for each gate that the figures over all labelled pairs do not meet."""
    overall = evaluation.pairs[0] if evaluation.pairs else None
    failures = []
    if overall and min_f1 is not None and overall.f1.value < min_f1:
        failures.append(f"F1 {overall.f1.value:.4f} is below --min-f1 {min_f1:g}")
    if overall and max_wrong is not None and overall.wrong_merges > max_wrong:
        failures.append(f"{overall.wrong_merges:,} wrong merges exceed --max-wrong {max_wrong}")
    return failures
