"""`markdown`: the findings as a comment on a pull request or the summary of a step, the gravest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from newsdedup.models.checks import CheckReport, Finding, Location
from newsdedup.render import wording
from newsdedup.render.check import phrases
from newsdedup.render.differences import differences
from newsdedup.render.markdown import emphasised, escaped

MARKER = "<!-- newsdedup check -->"
"""The first line, unseen once rendered: by it a bot finds the comment that it wrote before."""
LIMIT = 60_000
"""UTF-16 units at most: a comment on GitHub may have 65,536, and a bot may have a word to add."""
_TABLE = 40_000
"""Units of the table at most, so that there is room for the passages of the gravest findings too."""
_SHOWN = 800
"""Characters of each wording of a passage."""
_PATH = 200
"""Characters of a path, of which the end tells most."""
_HEAD = ("| | severity | place | rule | other article | probability |", "|--:|---|---|---|---|--:|")
# What forges make links, mentions and pictures of once Markdown is read, so that no backslash keeps them from it:
# names and addresses, #12, !12, GH-12, URLs, :emoji:, and what may be the hash of a commit.
_LIVE = re.compile(
    r"@|\\#|!(?=\d)|\bgh(?=-\d)|:(?=//)|\bwww(?=\.)|:(?=[\w+\\-]+:)"
    r"|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{4}(?=[0-9a-f]{3,36}\b)",
    re.IGNORECASE | re.ASCII,
)
_APART = "&#8203;"
"""A space without width: it parts a word for the forge and not for the reader."""


def render(report: CheckReport, stream: TextIO) -> None:
    """Write marker, verdict, table and passages; the number of what had no room stands at the end."""
    aside = phrases.left_aside(report.summary)
    checked = phrases.checked(report.summary) + (f"; {aside}" if aside else "")
    if not report.findings:
        stream.write(f"{MARKER}\nnewsdedup check: no findings; {checked}.\n")
        return
    verdict = "failed" if report.failed else "passed"
    blocks = [f"{MARKER}\n## newsdedup check: {verdict}", f"{phrases.counts(report.findings)}; {checked}."]
    ranked = sorted(report.findings, key=lambda finding: finding.severity.rank)
    rows = (_row(number, finding) for number, finding in enumerate(ranked, start=1))
    shown = _fitting(rows, _TABLE - _size(*_HEAD))
    blocks.append("\n".join((*_HEAD, *shown)))
    passages = (_details(number, finding) for number, finding in enumerate(ranked, start=1) if finding.passage)
    told = _fitting(passages, LIMIT - _size(*blocks) - 500)  # 500: the two lines below
    blocks += told
    if left := ranked[len(shown) :]:
        blocks.append(f"Left out for want of room: {phrases.counts(left)}.")
    if untold := sum(finding.passage is not None for finding in ranked) - len(told):
        blocks.append(f"Left out for want of room: {wording.number(untold, 'shared passage')}.")
    stream.write("\n\n".join(blocks) + "\n")


def inert(text: str) -> str:
    """Return `text` on one line so that a forge shows it as it is: no markup, no HTML, no link, no mention."""
    return _apart(escaped(text))


def _apart(markdown: str) -> str:
    return _LIVE.sub(lambda match: match[0] + _APART, markdown)


def _fitting(pieces: Iterable[str], room: int) -> list[str]:
    """Return the pieces up to the first that has no room; those after it are not even made."""
    out: list[str] = []
    for piece in pieces:
        room -= _size(piece)
        if room < 0:
            break
        out.append(piece)
    return out


def _size(*blocks: str) -> int:
    """Return the UTF-16 units of the blocks and of the blank lines between them."""
    return sum(len(block.encode("utf-16-le")) // 2 + 2 for block in blocks)


def _row(number: int, finding: Finding) -> str:
    other = ""
    rule = inert(phrases.title(finding))
    if finding.other is not None:
        other = _place(finding.other) + (f" and {len(finding.others) + finding.more:,} more" if finding.others else "")
    else:  # only the message says what is wrong
        rule += f"<br>{inert(phrases.cut(finding.message, _SHOWN))}"
    probability = "" if finding.probability is None else f"{finding.probability:.2f}"
    cells = (str(number), finding.severity.value, _place(finding.location), rule, other, probability)
    return f"| {' | '.join(cells)} |"


def _place(location: Location) -> str:
    shown = phrases.place(location)
    return f"<code>{inert(shown if len(shown) <= _PATH else '…' + shown[-_PATH:])}</code>"


def _details(number: int, finding: Finding) -> str:
    """Return what a row has no room for, folded up. The summary is HTML, so nothing of an article stands in it."""
    lines = [f"<details><summary>{number}: shared passage</summary>", inert(phrases.cut(finding.message, _SHOWN))]
    lines += filter(None, [inert(phrases.facts(finding))])
    lines += _passage(finding)
    if others := phrases.others(finding):
        lines.append(f"also: {inert(phrases.cut(others, _SHOWN))}")
    return "\n\n".join((*lines, "</details>"))


def _passage(finding: Finding) -> Iterator[str]:
    """Yield each wording as a quotation under its place, the words that differ in bold."""
    places = [_place(location) for location in (finding.location, finding.other) if location is not None]
    shown = phrases.wordings(finding)
    if len(shown) == 1:
        yield f"{' and '.join(places)}:"
        yield f"> {inert(phrases.cut(shown[0], _SHOWN))}"
        return
    pieces = differences(*(text[: 2 * _SHOWN] for text in shown))
    for place, text, side in zip(places, shown, pieces, strict=True):
        kept = phrases.cut_pieces(side, _SHOWN)
        missing = len(text) - phrases.length(kept)
        yield f"{place}:"
        yield f"> {_apart(emphasised(kept))}{phrases.ellipsis(missing) if missing else ''}"
