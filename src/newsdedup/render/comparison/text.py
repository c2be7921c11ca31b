"""`compare` as text: the verdict, the effect of each signal, the sentences side by side, the removed lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.table import Table
from rich.text import Text

from newsdedup.models import Removed
from newsdedup.models.comparison import AlignedSentences, ComparedReport, ComparedSignal, Comparison
from newsdedup.render import wording
from newsdedup.render.console import BULLET, TextWriter, build_side_by_side, build_table, mark_differences, style_id
from newsdedup.render.passages import format_conflict, indent
from newsdedup.render.renderer import OutputFormat, Page
from newsdedup.render.sanitise import sanitise_text

_MAX_BAR_WIDTH = 12
"""Columns of the bar of the strongest signal."""
_MAX_REMOVED = 25
"""Maximum number of removed lines shown per kind; some pages have hundreds, and JSON has them all."""


def render(comparison: Comparison, page: Page) -> None:
    """Write the whole comparison."""
    writer = TextWriter(page)
    _print_verdict(comparison, writer)
    _print_signals(comparison.signals, writer)
    _print_aligned(comparison, writer)
    for side, report, indices in (("A", comparison.a, comparison.only_a), ("B", comparison.b, comparison.only_b)):
        _print_only_in(side, report, indices, writer)
    if comparison.conflicts:
        writer.print_section("conflicts")
        writer.print(*(indent(format_conflict(conflict)) for conflict in comparison.conflicts))
    for side, report in (("A", comparison.a), ("B", comparison.b)):
        _print_removed(side, report.removed, writer)
    if comparison.note:
        writer.print_note(comparison.note)


def _print_verdict(comparison: Comparison, writer: TextWriter) -> None:
    same = comparison.same_report
    verdict = Text("the same report" if same else "not the same report", style="bold green" if same else "bold red")
    if comparison.relation is not None:
        relation = wording.format_relation(comparison.relation, comparison.direction, base="A")
        verdict.append(f"; relation of B to A: {relation}")
    sign = ">=" if same else "<"
    figures = (
        f"probability {comparison.probability:.4f} {sign} threshold {comparison.threshold:.4f}",
        f"containment {comparison.containment:.2f}",
        f"similarity {comparison.similarity:.2f}",
    )
    writer.print(verdict, Text(f" {BULLET} ".join(figures)), "")
    grid = Table.grid(padding=(0, 2, 0, 0))
    for side, report in (("A", comparison.a), ("B", comparison.b)):
        facts = [
            wording.format_title(report.title, inferred=report.title_inferred),
            report.published or "",
            f"dateline {report.dateline}" if report.dateline else "",
            f"byline {report.byline}" if report.byline else "",
            f"credit {report.credit}" if report.credit else "",
            wording.format_count(len(report.sentences), "sentence"),
        ]
        grid.add_row(Text(side, style="bold"), style_id(report.article_id))
        grid.add_row("", Text(sanitise_text(f" {BULLET} ".join(filter(None, facts)))))
    writer.print(grid)


def _print_signals(signals: Sequence[ComparedSignal], writer: TextWriter) -> None:
    if not signals:
        return
    writer.print_section("signals, largest effect first (+ for the same report, - against)")
    ranked = sorted(signals, key=lambda signal: (-abs(signal.contribution), signal.name))
    largest = abs(ranked[0].contribution) or 1.0
    rows = [_format_signal(signal, largest) for signal in ranked]
    names = ("effect", "", "signal", "value", "what it measures")
    table = build_table(names, rows, width=writer.width, right=("effect", "value"))
    if table is not None and not writer.is_narrow:
        writer.print(table)
        return
    for effect, _, name, value, meaning in rows:
        writer.print(Text.assemble(effect, "  ", name, " = ", value), indent(meaning))


def _format_signal(signal: ComparedSignal, largest: float) -> tuple[Text, Text, Text, Text, Text]:
    mark, style = ("+", "green") if signal.contribution > 0 else ("-", "red")
    effect = f"{signal.contribution:+.2f}"
    return (
        Text(effect if effect.strip("+-0.") else "0.00"),
        Text(mark * round(_MAX_BAR_WIDTH * abs(signal.contribution) / largest), style=style),
        Text(sanitise_text(signal.name)),
        Text(_format_value(signal.value)),
        Text(sanitise_text(signal.meaning), style="dim"),
    )


def _format_value(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.3f}"


def _print_aligned(comparison: Comparison, writer: TextWriter) -> None:
    if not comparison.aligned:
        return
    writer.print_section("aligned sentences; [-only in A-], {+only in B+}")
    pairs = sorted(comparison.aligned, key=lambda pair: (pair.a, pair.b))
    for index, pair in enumerate(pairs):
        if index:
            writer.print("")
        text_a, text_b = mark_differences(comparison.a.sentences[pair.a], comparison.b.sentences[pair.b])
        writer.print(Text(_format_coverage(pair), style="dim"))
        if writer.is_narrow:
            writer.print(text_a, text_b)
        else:
            writer.print(build_side_by_side(text_a, text_b))


def _format_coverage(pair: AlignedSentences) -> str:
    return (
        f"A{pair.a + 1} {BULLET} B{pair.b + 1}   covered {pair.covered_a:.2f} / {pair.covered_b:.2f}"
        f"   verbatim {pair.verbatim:.2f}"
    )


def _print_only_in(side: str, report: ComparedReport, indices: Sequence[int], writer: TextWriter) -> None:
    if not indices:
        return
    writer.print_section(f"only in {side}")
    grid = Table.grid(padding=(0, 2, 0, 0))
    for index in indices:
        sentence = Text(sanitise_text(report.sentences[index]), overflow="fold")
        grid.add_row(Text(f"{side}{index + 1}", style="dim"), sentence)
    writer.print(grid)


def _print_removed(side: str, removed: Iterable[Removed], writer: TextWriter) -> None:
    """Write the removed lines by kind, each cut to one line of the page."""
    ordered = sorted(removed, key=lambda piece: piece.kind.value)
    if not ordered:
        return
    writer.print_section(f"removed from {side}")
    for kind, group in groupby(ordered, key=lambda piece: piece.kind.value):
        pieces = list(group)
        writer.print(Text(f"{len(pieces)} {kind}"))
        for piece in pieces[:_MAX_REMOVED]:
            text = Text(sanitise_text(piece.text), style="dim")
            text.truncate(writer.width - 2, overflow="ellipsis")
            writer.print(indent(text))
        if len(pieces) > _MAX_REMOVED:
            writer.print(indent(Text(f"and {len(pieces) - _MAX_REMOVED} more (--format json shows them)")))


FORMAT = OutputFormat(render)
