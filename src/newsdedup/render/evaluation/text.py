"""`evaluate` as text: the figures with confidence intervals, by relation, then the worst misses in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from rich.table import Table
from rich.text import Text

from newsdedup.models import Relation
from newsdedup.models.comparison import ComparedSignal
from newsdedup.models.evaluation import (
    ClusterFigures,
    Evaluation,
    Miss,
    MissSide,
    PairFigures,
    RelationFigures,
    RelationRight,
    Share,
    StatementFigures,
)
from newsdedup.render import wording
from newsdedup.render.console import BULLET, TextWriter, build_table, mark_differences, style_id
from newsdedup.render.passages import indent
from newsdedup.render.renderer import OutputFormat, Page
from newsdedup.render.sanitise import sanitise_text

_MAX_SIGNALS = 5
"""Maximum number of signals shown on each side of a miss, for and against; JSON has them all."""
_MAX_IDS = 5
"""Maximum number of articles named per cluster under a story that mixes several clusters; JSON has them all."""
_MISS_KINDS = {"wrong_merge": "wrong merge", "missed_duplicate": "missed duplicate"}
_CAUSES_OF_SEVERAL = {
    ("wrong_merge", "score"): "merged by their own score",
    ("wrong_merge", "clustering"): "merged by clustering although below the threshold",
    ("missed_duplicate", "score"): "below the threshold",
    ("missed_duplicate", "clustering"): "separated by clustering although above the threshold",
    ("missed_duplicate", "candidates"): "never candidates although above the threshold",
    ("missed_duplicate", "no_report"): "with a page without a report",
}
_CAUSES = {
    ("wrong_merge", "score"): "merged by its own score",
    ("wrong_merge", "clustering"): "merged by clustering, against its own score",
    ("missed_duplicate", "score"): "its own score is too low",
    ("missed_duplicate", "clustering"): "separated by clustering, against its own score",
    ("missed_duplicate", "candidates"): "never a candidate, although its score is high enough",
    ("missed_duplicate", "no_report"): "a page without a report",
}


def render(evaluation: Evaluation, page: Page) -> None:
    """Write the whole evaluation."""
    writer = TextWriter(page)
    articles = wording.format_count(evaluation.articles, "article")
    stories = wording.format_count(evaluation.stories, "story")
    merged = "" if evaluation.threshold is None else f", merged at probability {evaluation.threshold:g} or more"
    writer.print(Text(f"{articles} in {stories}{merged}"))
    if evaluation.pairs:
        _print_pairs(evaluation, writer)
    if evaluation.relation_right is not None:
        _print_relation_accuracy(evaluation.relation_right, writer)
    for figures in evaluation.clusters:
        _print_clusters(figures, writer)
    if evaluation.statements is not None:
        _print_statements(evaluation.statements, writer)
    for number, miss in enumerate(evaluation.misses, 1):
        _print_miss(number, miss, evaluation.threshold, writer)
    _print_hidden_count(evaluation, writer)
    for note in evaluation.notes:
        writer.print_note(note)


def _print_rows(names: Sequence[str], rows: Sequence[Sequence[str]], writer: TextWriter) -> None:
    """Write a table whose first column is text and the others numbers; as a list if the page is too narrow."""
    cells = [[Text(sanitise_text(cell)) for cell in row] for row in rows]
    table = build_table(names, cells, width=writer.width, right=names[1:])
    if table is not None and not writer.is_narrow:
        writer.print(table)
        return
    for row in cells:
        fields = (Text(f"{' '.join(name.split())}: ") + cell for name, cell in zip(names[1:], row[1:], strict=True))
        writer.print(row[0], *map(indent, fields))


def _format_share(share: Share) -> str:
    return f"{share.value:.3f} [{share.low:.2f}, {share.high:.2f}]"


def _print_statements(figures: StatementFigures, writer: TextWriter) -> None:
    writer.print_rule("canonical articles, by labelled statements")
    stories = wording.format_count(figures.stories, "story")
    lines = (
        f"{stories} ({figures.complete_stories:,} with all variants), {figures.sentences:,} sentences",
        f"boilerplate: {figures.boilerplate:.3f} of the words",
        f"repeated: {figures.repeated:.3f} of the sentences ({figures.repeated_in_best:.3f} in the best variant)",
        f"lost: {figures.lost:.3f} of {figures.statements:,} statements ({figures.listed:,} of them listed)",
        f"base right: {figures.base_right:,} of {figures.stories:,}",
    )
    writer.print(*map(Text, lines))


def _print_pairs(evaluation: Evaluation, writer: TextWriter) -> None:
    writer.print_section("labelled pairs, with 95 % intervals")
    names = ("set", "duplicates", "precision", "recall", "F1", "wrong\nmerges", "missed")
    _print_rows(names, [_format_pair_row(figures) for figures in evaluation.pairs], writer)
    for duplicate, name, share_name in ((True, "duplicates", "recall"), (False, "not duplicates", "wrong share")):
        if relations := [figures for figures in evaluation.relations if figures.duplicate is duplicate]:
            writer.print("")
            _print_rows((name, "merged", share_name), [_format_relation_row(figures) for figures in relations], writer)
    causes = [
        f"{count.pairs:,} {_CAUSES_OF_SEVERAL[count.kind, count.cause]}"
        for count in evaluation.miss_counts
        if (count.kind, count.cause) in _CAUSES_OF_SEVERAL
    ]
    if causes:
        writer.print("", Text("why: " + "; ".join(causes)))


def _format_pair_row(figures: PairFigures) -> list[str]:
    return [
        figures.name if figures.name is not None else "all",
        f"{figures.hits + figures.missed:,} of {figures.pairs:,}",
        _format_share(figures.precision),
        _format_share(figures.recall),
        _format_share(figures.f1),
        f"{figures.wrong_merges:,}",
        f"{figures.missed:,}",
    ]


def _format_relation_row(figures: RelationFigures) -> list[str]:
    return [
        figures.relation or "(no relation)",
        f"{figures.merged:,} of {figures.pairs:,}",
        _format_share(figures.share),
    ]


def _print_relation_accuracy(accuracy: RelationRight, writer: TextWriter) -> None:
    writer.print_section("relation, of merged duplicates")
    share = f", {_format_share(accuracy.share)}" if accuracy.checked else ""
    unchecked = f"; {accuracy.unchecked:,} not checked" if accuracy.unchecked else ""
    writer.print(Text(f"right {accuracy.right:,} of {accuracy.checked:,}{share}{unchecked}"))
    if not accuracy.found:
        return
    columns = [relation for relation in Relation if any(count.found is relation for count in accuracy.found)]
    counts = {(count.labelled, count.found): count for count in accuracy.found}
    rows = []
    for label in sorted({count.labelled for count in accuracy.found}):
        row_counts = [counts.get((label, column)) for column in columns]
        rows.append(
            [label, *(f"{count.pairs:,}{'' if count.right else ' *'}" if count else BULLET for count in row_counts)]
        )
    writer.print("")
    _print_rows(("labelled", *(f"found {column.value}" for column in columns)), rows, writer)
    if accuracy.right < accuracy.checked:
        writer.print(Text("* differs from the label", style="dim"))


def _print_clusters(figures: ClusterFigures, writer: TextWriter) -> None:
    writer.print_section(f"full clusters, labelled by {figures.kind}")
    absent = f"; {figures.absent:,} labelled articles are in no story" if figures.absent else ""
    articles = wording.format_count(figures.articles, "article")
    stories = wording.format_count(figures.stories, "story")
    clusters = wording.format_count(figures.clusters, figures.kind, f"{figures.kind}s")
    writer.print(Text(f"{articles} of {clusters} in {stories}{absent}"), "")
    bcubed = (figures.bcubed_precision, figures.bcubed_recall, figures.bcubed_f1)
    measures = (figures.v_measure, figures.homogeneity, figures.completeness)
    plural = "stories" if figures.kind == "story" else f"{figures.kind}s"
    grid = Table.grid(padding=(0, 3, 0, 0))
    for name, values in (
        ("B-cubed", "precision {:.4f}   recall {:.4f}   F1 {:.4f}".format(*bcubed)),
        ("V-measure", "{:.4f}   homogeneity {:.4f}   completeness {:.4f}".format(*measures)),
        ("adjusted Rand index", f"{figures.adjusted_rand:.4f}"),
        ("largest story", wording.format_count(figures.largest_story, "article")),
        (f"stories that mix {plural}", f"{len(figures.mixed_stories):,}"),
    ):
        grid.add_row(Text(name), Text(values))
    writer.print(grid)
    for story in figures.mixed_stories:
        title = wording.format_title(story.title, inferred=False)
        writer.print(indent(Text.assemble(style_id(story.story_id or "(no id)"), f"  {sanitise_text(title)}")))
        writer.print(*(indent(indent(_format_cluster_ids(name, ids))) for name, ids in story.clusters.items()))


def _format_cluster_ids(cluster: str, ids: Sequence[str]) -> Text:
    more = ", ..." if len(ids) > _MAX_IDS else ""
    return Text(sanitise_text(f"{len(ids):,} of {cluster}: {', '.join(ids[:_MAX_IDS])}{more}"))


def _print_miss(number: int, miss: Miss, threshold: float | None, writer: TextWriter) -> None:
    writer.print_section(f"miss {number:,}: {_MISS_KINDS[miss.kind]}, labelled {miss.label or '(no relation)'}")
    for name, side in (("A", miss.a), ("B", miss.b)):
        writer.print(Text.assemble((name, "bold"), " ", style_id(side.article_id)))
        writer.print(indent(Text(sanitise_text(wording.format_title(side.title, inferred=False)))))
    if facts := list(_list_facts(miss, threshold)):
        writer.print(Text(sanitise_text(f" {BULLET} ".join(facts))))
    _print_signals(miss.signals, writer)
    for name, side in (("A", miss.a), ("B", miss.b)):
        _print_uncovered(name, side, writer)
    if miss.aligned:
        writer.print_heading("aligned sentences; [-only in A-], {+only in B+}")
    for pair in miss.aligned:
        text_a, text_b = mark_differences(pair.a, pair.b)
        writer.print(Text(f"verbatim {pair.verbatim:.2f}", style="dim"), indent(text_a), indent(text_b))


def _list_facts(miss: Miss, threshold: float | None) -> Iterable[str]:
    if miss.set is not None:
        yield f"set {miss.set}"
    if miss.probability is not None:
        sign = "" if threshold is None else f" {'>=' if miss.probability >= threshold else '<'} {threshold:.4f}"
        yield f"probability {miss.probability:.4f}{sign}"
    if miss.candidate is not None:
        yield "a candidate" if miss.candidate else "not a candidate"
    if miss.relation is not None:
        yield f"relation of B to A: {wording.format_relation(miss.relation, miss.direction, base='A')}"
    if (miss.kind, miss.cause) in _CAUSES:
        yield _CAUSES[miss.kind, miss.cause]
    if miss.a.story_id and miss.a.story_id == miss.b.story_id:
        yield f"story {miss.a.story_id}"


def _print_signals(signals: Sequence[ComparedSignal], writer: TextWriter) -> None:
    """Write the strongest signals for the pair and against it, side by side: effect, name, value."""
    sides = (
        ("signals for", [signal for signal in signals if signal.contribution > 0]),
        ("signals against", [signal for signal in signals if signal.contribution < 0]),
    )
    columns = [(title, side[:_MAX_SIGNALS]) for title, side in sides if side]
    if not columns:
        return
    grid = Table.grid(padding=(0, 4, 0, 0))
    grid.add_row(*(Text(title, style="bold") for title, _ in columns))
    lines = (
        [f"  {signal.contribution:+.2f} {signal.name} = {signal.value:g}" for signal in side] for _, side in columns
    )
    for row in zip_longest(*lines, fillvalue=""):
        grid.add_row(*(Text(sanitise_text(cell)) for cell in row))
    writer.print(grid)


def _print_uncovered(name: str, side: MissSide, writer: TextWriter) -> None:
    if not side.uncovered:
        return
    writer.print_heading(f"only in {name}")
    grid = Table.grid(padding=(0, 1, 0, 0))
    for sentence in side.uncovered:
        grid.add_row(Text(BULLET), Text(sanitise_text(sentence), overflow="fold"))
    writer.print(grid)


def _print_hidden_count(evaluation: Evaluation, writer: TextWriter) -> None:
    """Write how many misses were not shown, and how to see them."""
    hidden = sum(count.pairs for count in evaluation.miss_counts) - len(evaluation.misses)
    if hidden > 0:
        more = "more " if evaluation.misses else ""
        misses = wording.format_count(hidden, f"{more}miss")
        writer.print("", Text(f"{misses}; --misses N shows the N worst in full"))


FORMAT = OutputFormat(render)
