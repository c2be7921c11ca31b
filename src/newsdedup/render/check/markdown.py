"""`markdown`: the findings as a comment on a pull request or the summary of a step, most severe first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from newsdedup.models.checks import CheckReport, Finding, Location
from newsdedup.render import finding_phrases as phrases
from newsdedup.render import wording
from newsdedup.render.markdown import emphasise_differences, escape_markdown
from newsdedup.render.renderer import OutputFormat, Page

MARKER = "<!-- newsdedup check -->"
"""The first line, invisible when rendered: a bot finds its earlier comment by it."""
MAX_LENGTH = 60_000
"""Maximum number of UTF-16 code units: a comment on GitHub may have 65,536, and a bot may add some text."""
_MAX_TABLE_LENGTH = 40_000
"""Maximum number of code units of the table, so that the passages of the most severe findings fit too."""
_MAX_PASSAGE_LENGTH = 800
"""Maximum number of characters of each wording of a passage."""
_MAX_PATH_LENGTH = 200
"""Maximum number of characters of a path; its end is kept, which is the most specific part."""
_TABLE_HEAD = ("| | severity | place | rule | other article | probability |", "|--:|---|---|---|---|--:|")
# Text that forges turn into links, mentions and pictures after parsing the Markdown, where a backslash does not help:
# names and addresses, #12, !12, GH-12, URLs, :emoji:, and what looks like the hash of a commit.
_ACTIVE_MARKUP = re.compile(
    r"@|\\#|!(?=\d)|\bgh(?=-\d)|:(?=//)|\bwww(?=\.)|:(?=[\w+\\-]+:)"
    r"|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{4}(?=[0-9a-f]{3,36}\b)",
    re.IGNORECASE | re.ASCII,
)
_ZERO_WIDTH_SPACE = "&#8203;"
"""Breaks a word for the forge and is invisible to a reader."""


def render(report: CheckReport, page: Page) -> None:
    """Write marker, verdict, table and passages, then how many findings and passages were omitted for length."""
    suppressed = phrases.format_suppressed(report.summary)
    checked = phrases.format_checked(report.summary) + (f"; {suppressed}" if suppressed else "")
    if not report.findings:
        page.stream.write(f"{MARKER}\nnewsdedup check: no findings; {checked}.\n")
        return
    verdict = "failed" if report.failed else "passed"
    blocks = [f"{MARKER}\n## newsdedup check: {verdict}", f"{phrases.format_counts(report.findings)}; {checked}."]
    ranked = sorted(report.findings, key=lambda finding: finding.severity.rank)
    rows = (_format_row(number, finding) for number, finding in enumerate(ranked, start=1))
    shown_rows = _take_fitting(rows, _MAX_TABLE_LENGTH - _measure_length(*_TABLE_HEAD))
    blocks.append("\n".join((*_TABLE_HEAD, *shown_rows)))
    passages = (_format_details(number, finding) for number, finding in enumerate(ranked, start=1) if finding.passage)
    details = _take_fitting(passages, MAX_LENGTH - _measure_length(*blocks) - 500)  # 500: the two lines below
    blocks += details
    if hidden := ranked[len(shown_rows) :]:
        blocks.append(f"Omitted for length: {phrases.format_counts(hidden)}.")
    if hidden_passages := sum(finding.passage is not None for finding in ranked) - len(details):
        blocks.append(f"Omitted for length: {wording.format_count(hidden_passages, 'shared passage')}.")
    page.stream.write("\n\n".join(blocks) + "\n")


def neutralise(text: str) -> str:
    """Return `text` on one line so that a forge shows it literally: no markup, no HTML, no link, no mention."""
    return _break_active_markup(escape_markdown(text))


def _break_active_markup(markdown: str) -> str:
    return _ACTIVE_MARKUP.sub(lambda match: match[0] + _ZERO_WIDTH_SPACE, markdown)


def _take_fitting(pieces: Iterable[str], available: int) -> list[str]:
    """Return the pieces before the first that does not fit; those after it are never built."""
    fitting: list[str] = []
    for piece in pieces:
        available -= _measure_length(piece)
        if available < 0:
            break
        fitting.append(piece)
    return fitting


def _measure_length(*blocks: str) -> int:
    """Return the UTF-16 code units of the blocks and of the blank lines between them."""
    return sum(len(block.encode("utf-16-le")) // 2 + 2 for block in blocks)


def _format_row(number: int, finding: Finding) -> str:
    other_article = ""
    rule = neutralise(phrases.format_rule(finding))
    if finding.other is not None:
        other_article = _format_location(finding.other) + (
            f" and {len(finding.others) + finding.more:,} more" if finding.others else ""
        )
    else:  # without another article only the message says what is wrong
        rule += f"<br>{neutralise(phrases.truncate(finding.message, _MAX_PASSAGE_LENGTH))}"
    probability = "" if finding.probability is None else f"{finding.probability:.2f}"
    cells = (str(number), finding.severity.value, _format_location(finding.location), rule, other_article, probability)
    return f"| {' | '.join(cells)} |"


def _format_location(location: Location) -> str:
    location_text = phrases.format_location(location)
    if len(location_text) > _MAX_PATH_LENGTH:
        location_text = "…" + location_text[-_MAX_PATH_LENGTH:]
    return f"<code>{neutralise(location_text)}</code>"


def _format_details(number: int, finding: Finding) -> str:
    """Return the details of a finding, collapsed. The summary is HTML, so it contains no article text."""
    lines = [
        f"<details><summary>{number}: shared passage</summary>",
        neutralise(phrases.truncate(finding.message, _MAX_PASSAGE_LENGTH)),
    ]
    lines += filter(None, [neutralise(phrases.format_facts(finding))])
    lines += _format_passage(finding)
    if other_ids := phrases.format_others(finding):
        lines.append(f"also: {neutralise(phrases.truncate(other_ids, _MAX_PASSAGE_LENGTH))}")
    return "\n\n".join((*lines, "</details>"))


def _format_passage(finding: Finding) -> Iterator[str]:
    """Yield each wording as a quotation below its location, differing words in bold."""
    locations = [_format_location(location) for location in (finding.location, finding.other) if location is not None]
    wordings = phrases.get_wordings(finding)
    if len(wordings) == 1:
        yield f"{' and '.join(locations)}:"
        yield f"> {neutralise(phrases.truncate(wordings[0], _MAX_PASSAGE_LENGTH))}"
        return
    excerpts = phrases.diff_excerpts(wordings, _MAX_PASSAGE_LENGTH)
    for location, (excerpt, ellipsis) in zip(locations, excerpts, strict=True):
        yield f"{location}:"
        yield f"> {_break_active_markup(emphasise_differences(excerpt))}{ellipsis}"


FORMAT = OutputFormat(render)
