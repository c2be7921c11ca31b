"""`evaluate` for eyes: the figures with their intervals, relation by relation, then the worst misses in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import TextIO

from rich.rule import Rule
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
)
from newsdedup.render import wording
from newsdedup.render.console import BULLET, Paper, identifier, marked, table
from newsdedup.render.passages import indented
from newsdedup.render.sanitise import plain

_SIGNALS = 5
"""Signals shown for and against a miss; JSON has them all."""
_IDS = 5
"""Articles of one cluster that are named under a story that mixes several; JSON has them all."""
_KINDS = {"wrong_merge": "wrong merge", "missed_duplicate": "missed duplicate"}
_COUNTED = {
    ("wrong_merge", "score"): "merged by their own score",
    ("wrong_merge", "clustering"): "brought together by the clustering, under the threshold themselves",
    ("missed_duplicate", "score"): "under the threshold",
    ("missed_duplicate", "clustering"): "kept apart by the clustering, over the threshold themselves",
    ("missed_duplicate", "candidates"): "no candidates, though over the threshold",
    ("missed_duplicate", "no_report"): "with a page that holds no report",
}

_CAUSES = {
    ("wrong_merge", "score"): "merged by its own score",
    ("wrong_merge", "clustering"): "merged by the clustering, against its own score",
    ("missed_duplicate", "score"): "its own score is too low",
    ("missed_duplicate", "clustering"): "kept apart by the clustering, against its own score",
    ("missed_duplicate", "candidates"): "never a candidate, though its score would do",
    ("missed_duplicate", "no_report"): "a page without a report",
}


def render(evaluation: Evaluation, stream: TextIO, *, width: int, colour: bool) -> None:
    """Write the whole evaluation."""
    paper = Paper(stream, width=width, colour=colour)
    articles = wording.number(evaluation.articles, "article")
    stories = wording.number(evaluation.stories, "story", "stories")
    merged = "" if evaluation.threshold is None else f", merged from probability {evaluation.threshold:g} on"
    paper.print(Text(f"{articles} in {stories}{merged}"))
    if evaluation.pairs:
        _pairs(evaluation, paper)
    if evaluation.relation_right is not None:
        _relation_right(evaluation.relation_right, paper)
    for figures in evaluation.clusters:
        _clusters(figures, paper)
    for place, miss in enumerate(evaluation.misses, 1):
        _miss(place, miss, evaluation.threshold, paper)
    _rest(evaluation, paper)
    for note in evaluation.notes:
        paper.print("", Text(f"note: {plain(note)}", style="dim"))


def _section(text: str, paper: Paper) -> None:
    paper.print("", Rule(Text(plain(text), style="bold"), align="left", style="dim"))


def _rows(names: Sequence[str], rows: Sequence[Sequence[str]], paper: Paper) -> None:
    """Write a table whose first column is text and the others numbers; as a list where the paper is too narrow."""
    cells = [[Text(plain(cell)) for cell in row] for row in rows]
    made = table(names, cells, width=paper.width, right=names[1:])
    if made is not None and not paper.narrow:
        paper.print(made)
        return
    for row in cells:
        fields = (Text(f"{' '.join(name.split())}: ") + cell for name, cell in zip(names[1:], row[1:], strict=True))
        paper.print(row[0], *map(indented, fields))


def _figure(share: Share) -> str:
    return f"{share.value:.3f} [{share.low:.2f}, {share.high:.2f}]"


def _pairs(evaluation: Evaluation, paper: Paper) -> None:
    _section("labelled pairs, with 95 % intervals", paper)
    names = ("set", "duplicates", "precision", "recall", "F1", "wrong\nmerges", "missed")
    _rows(names, [_pair_row(figures) for figures in evaluation.pairs], paper)
    for duplicate, name, shown in ((True, "duplicates", "recall"), (False, "not duplicates", "wrong share")):
        if found := [each for each in evaluation.relations if each.duplicate is duplicate]:
            paper.print("")
            _rows((name, "merged", shown), [_relation_row(each) for each in found], paper)
    whys = [
        f"{count.pairs:,} {_COUNTED[count.kind, count.cause]}"
        for count in evaluation.miss_counts
        if (count.kind, count.cause) in _COUNTED
    ]
    if whys:
        paper.print("", Text("why: " + "; ".join(whys)))


def _pair_row(figures: PairFigures) -> list[str]:
    return [
        figures.name if figures.name is not None else "all",
        f"{figures.hits + figures.missed:,} of {figures.pairs:,}",
        _figure(figures.precision),
        _figure(figures.recall),
        _figure(figures.f1),
        f"{figures.wrong_merges:,}",
        f"{figures.missed:,}",
    ]


def _relation_row(figures: RelationFigures) -> list[str]:
    return [figures.relation or "(no relation)", f"{figures.merged:,} of {figures.pairs:,}", _figure(figures.share)]


def _relation_right(right: RelationRight, paper: Paper) -> None:
    _section("relation, of merged duplicates", paper)
    share = f", {_figure(right.share)}" if right.checked else ""
    unchecked = f"; {right.unchecked:,} not checked" if right.unchecked else ""
    paper.print(Text(f"right {right.right:,} of {right.checked:,}{share}{unchecked}"))
    if not right.found:
        return
    columns = [each for each in Relation if any(count.found is each for count in right.found)]
    counts = {(count.labelled, count.found): count for count in right.found}
    rows = []
    for label in sorted({count.labelled for count in right.found}):
        found = [counts.get((label, column)) for column in columns]
        rows.append([label, *(f"{each.pairs:,}{'' if each.right else ' *'}" if each else BULLET for each in found)])
    paper.print("")
    _rows(("labelled", *(f"found {column.value}" for column in columns)), rows, paper)
    if right.right < right.checked:
        paper.print(Text("* not what the label names", style="dim"))


def _clusters(figures: ClusterFigures, paper: Paper) -> None:
    _section(f"full clusters, labelled by {figures.kind}", paper)
    absent = f"; {figures.absent:,} labelled articles stand in no story" if figures.absent else ""
    articles = wording.number(figures.articles, "article")
    stories = wording.number(figures.stories, "story", "stories")
    paper.print(Text(f"{articles} of {wording.number(figures.clusters, figures.kind)} in {stories}{absent}"), "")
    bcubed = (figures.bcubed_precision, figures.bcubed_recall, figures.bcubed_f1)
    measures = (figures.v_measure, figures.homogeneity, figures.completeness)
    many = "stories" if figures.kind == "story" else f"{figures.kind}s"
    made = Table.grid(padding=(0, 3, 0, 0))
    for name, shown in (
        ("B-cubed", "precision {:.4f}   recall {:.4f}   F1 {:.4f}".format(*bcubed)),
        ("V-measure", "{:.4f}   homogeneity {:.4f}   completeness {:.4f}".format(*measures)),
        ("adjusted Rand index", f"{figures.adjusted_rand:.4f}"),
        ("largest story", wording.number(figures.largest_story, "article")),
        (f"stories that mix {many}", f"{len(figures.mixed_stories):,}"),
    ):
        made.add_row(Text(name), Text(shown))
    paper.print(made)
    for story in figures.mixed_stories:
        title = wording.title(story.title, inferred=False)
        paper.print(indented(Text.assemble(identifier(story.story_id or "(no id)"), f"  {plain(title)}")))
        paper.print(*(indented(indented(_articles_of(name, ids))) for name, ids in story.clusters.items()))


def _articles_of(cluster: str, ids: Sequence[str]) -> Text:
    more = ", ..." if len(ids) > _IDS else ""
    return Text(plain(f"{len(ids):,} of {cluster}: {', '.join(ids[:_IDS])}{more}"))


def _miss(place: int, miss: Miss, threshold: float | None, paper: Paper) -> None:
    _section(f"miss {place:,}: {_KINDS[miss.kind]}, labelled {miss.label or '(no relation)'}", paper)
    for name, side in (("A", miss.a), ("B", miss.b)):
        paper.print(Text.assemble((name, "bold"), " ", identifier(side.article_id)))
        paper.print(indented(Text(plain(wording.title(side.title, inferred=False)))))
    if facts := list(_facts(miss, threshold)):
        paper.print(Text(plain(f" {BULLET} ".join(facts))))
    _signals(miss.signals, paper)
    for name, side in (("A", miss.a), ("B", miss.b)):
        _uncovered(name, side, paper)
    if miss.aligned:
        paper.heading("aligned sentences; [-only in A-], {+only in B+}")
    for pair in miss.aligned:
        text_a, text_b = marked(pair.a, pair.b)
        paper.print(Text(f"verbatim {pair.verbatim:.2f}", style="dim"), indented(text_a), indented(text_b))


def _facts(miss: Miss, threshold: float | None) -> Iterable[str]:
    if miss.set is not None:
        yield f"set {miss.set}"
    if miss.probability is not None:
        sign = "" if threshold is None else f" {'>=' if miss.probability >= threshold else '<'} {threshold:.4f}"
        yield f"probability {miss.probability:.4f}{sign}"
    if miss.candidate is not None:
        yield "a candidate" if miss.candidate else "no candidate"
    if miss.relation is not None:
        yield f"relation of B to A: {wording.relation(miss.relation, miss.direction, base='A')}"
    if (miss.kind, miss.cause) in _CAUSES:
        yield _CAUSES[miss.kind, miss.cause]
    if miss.a.story_id and miss.a.story_id == miss.b.story_id:
        yield f"story {miss.a.story_id}"


def _signals(signals: Sequence[ComparedSignal], paper: Paper) -> None:
    """Write the strongest signals for the pair and against it, side by side: part, name, value."""
    sides = (
        ("signals for", [each for each in signals if each.contribution > 0]),
        ("signals against", [each for each in signals if each.contribution < 0]),
    )
    columns = [(title, found[:_SIGNALS]) for title, found in sides if found]
    if not columns:
        return
    made = Table.grid(padding=(0, 4, 0, 0))
    made.add_row(*(Text(title, style="bold") for title, _ in columns))
    lines = ([f"  {each.contribution:+.2f} {each.name} = {each.value:g}" for each in found] for _, found in columns)
    for row in zip_longest(*lines, fillvalue=""):
        made.add_row(*(Text(plain(cell)) for cell in row))
    paper.print(made)


def _uncovered(name: str, side: MissSide, paper: Paper) -> None:
    if not side.uncovered:
        return
    paper.heading(f"only in {name}")
    made = Table.grid(padding=(0, 1, 0, 0))
    for sentence in side.uncovered:
        made.add_row(Text(BULLET), Text(plain(sentence), overflow="fold"))
    paper.print(made)


def _rest(evaluation: Evaluation, paper: Paper) -> None:
    """Say how many misses were not shown, and how to see them."""
    left = sum(count.pairs for count in evaluation.miss_counts) - len(evaluation.misses)
    if left > 0:
        more = "more " if evaluation.misses else ""
        paper.print(
            "", Text(f"{wording.number(left, f'{more}miss', f'{more}misses')}; --misses N shows the N worst in full")
        )
