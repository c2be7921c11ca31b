"""`compare` for eyes: the verdict, what each signal adds to it, the sentences side by side, what was cleaned away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TextIO

from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from newsdedup.models import Removed
from newsdedup.models.comparison import AlignedSentences, ComparedReport, ComparedSignal, Comparison
from newsdedup.render import wording
from newsdedup.render.console import BULLET, Paper, identifier, marked, table
from newsdedup.render.passages import conflict, indented
from newsdedup.render.sanitise import plain

_BAR = 12
"""Columns of the longest bar."""
_SHOWN = 25
"""Removed lines shown of each kind; some pages carry hundreds, and JSON has them all."""


def render(comparison: Comparison, stream: TextIO, *, width: int, colour: bool) -> None:
    """Write the whole comparison."""
    paper = Paper(stream, width=width, colour=colour)
    _verdict(comparison, paper)
    _signals(comparison.signals, paper)
    _aligned(comparison, paper)
    for side, report, places in (("A", comparison.a, comparison.only_a), ("B", comparison.b, comparison.only_b)):
        _only(side, report, places, paper)
    if comparison.conflicts:
        _section("conflicts", paper)
        paper.print(*(indented(conflict(found)) for found in comparison.conflicts))
    for side, report in (("A", comparison.a), ("B", comparison.b)):
        _removed(side, report.removed, paper)
    if comparison.note:
        paper.print("", Text(f"note: {plain(comparison.note)}", style="dim"))


def _section(text: str, paper: Paper) -> None:
    paper.print("", Rule(Text(text, style="bold"), align="left", style="dim"))


def _verdict(comparison: Comparison, paper: Paper) -> None:
    same = comparison.same_report
    verdict = Text("the same report" if same else "not the same report", style="bold green" if same else "bold red")
    if comparison.relation is not None:
        verdict.append(f"; relation of B to A: {wording.relation(comparison.relation, comparison.direction, base='A')}")
    sign = ">=" if same else "<"
    figures = (
        f"probability {comparison.probability:.4f} {sign} threshold {comparison.threshold:.4f}",
        f"containment {comparison.containment:.2f}",
        f"similarity {comparison.similarity:.2f}",
    )
    paper.print(verdict, Text(f" {BULLET} ".join(figures)), "")
    sides = Table.grid(padding=(0, 2, 0, 0))
    for side, report in (("A", comparison.a), ("B", comparison.b)):
        facts = [
            wording.title(report.title, inferred=report.title_inferred),
            report.published or "",
            f"dateline {report.dateline}" if report.dateline else "",
            f"byline {report.byline}" if report.byline else "",
            f"credit {report.credit}" if report.credit else "",
            wording.number(len(report.sentences), "sentence"),
        ]
        sides.add_row(Text(side, style="bold"), identifier(report.article_id))
        sides.add_row("", Text(plain(f" {BULLET} ".join(filter(None, facts)))))
    paper.print(sides)


def _signals(signals: Sequence[ComparedSignal], paper: Paper) -> None:
    if not signals:
        return
    _section("signals, the largest part first (+ for the same report, - against)", paper)
    ranked = sorted(signals, key=lambda signal: (-abs(signal.contribution), signal.name))
    most = abs(ranked[0].contribution) or 1.0
    rows = [_signal(signal, most) for signal in ranked]
    made = table(("part", "", "signal", "value", "what it measures"), rows, width=paper.width, right=("part", "value"))
    if made is not None and not paper.narrow:
        paper.print(made)
        return
    for part, _, name, value, meaning in rows:
        paper.print(Text.assemble(part, "  ", name, " = ", value), indented(meaning))


def _signal(signal: ComparedSignal, most: float) -> tuple[Text, Text, Text, Text, Text]:
    mark, style = ("+", "green") if signal.contribution > 0 else ("-", "red")
    part = f"{signal.contribution:+.2f}"
    return (
        Text(part if part.strip("+-0.") else "0.00"),
        Text(mark * round(_BAR * abs(signal.contribution) / most), style=style),
        Text(plain(signal.name)),
        Text(_figure(signal.value)),
        Text(plain(signal.meaning), style="dim"),
    )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.3f}"


def _aligned(comparison: Comparison, paper: Paper) -> None:
    if not comparison.aligned:
        return
    _section("aligned sentences; [-only in A-], {+only in B+}", paper)
    pairs = sorted(comparison.aligned, key=lambda pair: (pair.a, pair.b))
    for place, pair in enumerate(pairs):
        if place:
            paper.print("")
        text_a, text_b = marked(comparison.a.sentences[pair.a], comparison.b.sentences[pair.b])
        paper.print(Text(_covered(pair), style="dim"))
        if paper.narrow:
            paper.print(text_a, text_b)
            continue
        made = Table.grid(padding=(0, 3, 0, 0), expand=True)
        made.add_column(ratio=1, overflow="fold")
        made.add_column(ratio=1, overflow="fold")
        made.add_row(text_a, text_b)
        paper.print(made)


def _covered(pair: AlignedSentences) -> str:
    return (
        f"A{pair.a + 1} {BULLET} B{pair.b + 1}   covered {pair.covered_a:.2f} / {pair.covered_b:.2f}"
        f"   verbatim {pair.verbatim:.2f}"
    )


def _only(side: str, report: ComparedReport, places: Sequence[int], paper: Paper) -> None:
    if not places:
        return
    _section(f"only in {side}", paper)
    made = Table.grid(padding=(0, 2, 0, 0))
    for place in places:
        made.add_row(Text(f"{side}{place + 1}", style="dim"), Text(plain(report.sentences[place]), overflow="fold"))
    paper.print(made)


def _removed(side: str, removed: Iterable[Removed], paper: Paper) -> None:
    """Write what was cleaned away, by kind, one line of the terminal each."""
    ordered = sorted(removed, key=lambda piece: piece.kind.value)
    if not ordered:
        return
    _section(f"cleaned away in {side}", paper)
    for kind, group in groupby(ordered, key=lambda piece: piece.kind.value):
        pieces = list(group)
        paper.print(Text(f"{len(pieces)} {kind}"))
        for piece in pieces[:_SHOWN]:
            text = Text(plain(piece.text), style="dim")
            text.truncate(paper.width - 2, overflow="ellipsis")
            paper.print(indented(text))
        if len(pieces) > _SHOWN:
            paper.print(indented(Text(f"and {len(pieces) - _SHOWN} more (--format json shows them)")))
