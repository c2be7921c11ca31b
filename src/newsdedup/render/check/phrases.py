"""The phrases that several formats of `check` share, all safe to show: one line each, without control characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from newsdedup.models import Direction, Relation
from newsdedup.models.checks import CheckSummary, Finding, Location, Severity
from newsdedup.render import wording
from newsdedup.render.console import BULLET
from newsdedup.render.differences import Piece
from newsdedup.render.sanitise import plain

_OTHERS = 3
"""Further articles named with a finding; JSON has all."""
_AS_ONE = frozenset({Relation.IDENTICAL, Relation.REPRINT})


def place(location: Location) -> str:
    """Return `path:line`, as terminals and editors open it."""
    return f"{plain(location.path)}:{location.line}"


def span(location: Location) -> str:
    """Return `path:line-line`, or `path:line` where it is one line."""
    return place(location) + (f"-{location.end_line}" if location.end_line > location.line else "")


def title(finding: Finding) -> str:
    """Return e.g. `ND105 rewrite`."""
    return f"{plain(finding.code)} {plain(finding.rule)}"


def counts(findings: Iterable[Finding]) -> str:
    """Return e.g. `2 errors, 1 note`, the gravest first; empty for no findings."""
    found = Counter(finding.severity for finding in findings)
    return ", ".join(wording.number(found[severity], severity.value) for severity in Severity if found[severity])


def facts(finding: Finding) -> str:
    """Return what is known of the pair: probability, which was made from which, how much of each the other tells."""
    out = []
    if finding.location.article_id not in {None, finding.location.path}:
        out.append(f"article {plain(finding.location.article_id or '')}")
    if finding.probability is not None:
        out.append(f"probability {finding.probability:.2f}")
    if finding.relation is not None and finding.direction != Direction.UNKNOWN:
        out.append(wording.relation(finding.relation, finding.direction, base="the other"))
    if finding.passage is not None:
        here, there = finding.passage.sentences, finding.passage.other_sentences
        out.append(
            f"{here[0]:,} of {here[1]:,} sentences here are told there, {there[0]:,} of {there[1]:,} the reverse"
        )
    return f" {BULLET} ".join(out)


def others(finding: Finding) -> str:
    """Return the ids of the further articles, three at most, and how many there are beyond; empty for none."""
    shown = ", ".join(map(plain, finding.others[:_OTHERS]))
    more = len(finding.others) + finding.more - _OTHERS
    return f"{shown} and {more:,} more" if more > 0 else shown


def wordings(finding: Finding) -> tuple[str, ...]:
    """Return the shared passage as both articles have it, or once where the two read alike; empty for no passage."""
    passage = finding.passage
    if passage is None:
        return ()
    text, other = plain(passage.text).strip(), plain(passage.other_text).strip()
    return (text,) if finding.relation in _AS_ONE or text == other else (text, other)


def cut(text: str, limit: int) -> str:
    """Return the first `limit` characters of `text`, up to the end of a word where one is near, then what is missing.

    Cut once, at the same place, whatever the width of the page: the same finding reads the same in every log.
    """
    kept = _kept(text, limit)
    return kept if len(kept) == len(text) else kept + ellipsis(len(text) - len(kept))


def cut_pieces(pieces: Sequence[Piece], limit: int) -> list[Piece]:
    """Return the pieces that make up the first `limit` characters, the last one shortened."""
    out: list[Piece] = []
    for piece in pieces:
        text = _kept(piece.text, limit)
        if text:
            out.append(Piece(text, piece.differs, piece.space))
        if len(text) < len(piece.text):
            break
        limit -= len(piece.text) + len(piece.space)
    return out


def length(pieces: Iterable[Piece]) -> int:
    """Return how many characters the pieces have, white space after the last one aside."""
    return len("".join(piece.text + piece.space for piece in pieces).rstrip())


def ellipsis(missing: int) -> str:
    """Return the mark of a cut of `missing` characters."""
    return f" … ({wording.number(missing, 'more character')})"


def checked(summary: CheckSummary) -> str:
    """Return how much was checked beside how much."""
    beside = f" beside {summary.known:,} known" if summary.known else ""
    return f"{wording.number(summary.new, 'new article')} checked{beside}"


def left_aside(summary: CheckSummary) -> str:
    """Return what became of the findings that are not shown; empty where all are."""
    parts = {
        "in the baseline": summary.baselined,
        "waived": summary.waived,
        "ignored by path": summary.ignored,
    }
    out = [f"{count:,} {what}" for what, count in parts.items() if count]
    aside = [", ".join(out)] if out else []
    if summary.stale:
        aside.append(f"{summary.stale:,} of the baseline no longer found, --update-baseline takes them out")
    return "; ".join(aside)


def passage_lines(finding: Finding, limit: int) -> list[str]:
    """Return the shared passage for plain text: a line a wording, each after a line that says whose it is."""
    shown = wordings(finding)
    if not shown:
        return []
    here = span(finding.location)
    there = span(finding.other) if finding.other else "the other article"
    if len(shown) == 1:
        return [f"shared passage, {here} and {there}:", cut(shown[0], limit)]
    return [f"{here}:", cut(shown[0], limit), f"{there}:", cut(shown[1], limit)]


def _kept(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    head = text[: max(limit, 0)]
    if text[len(head) : len(head) + 1].isspace():
        return head.rstrip()
    words, space, rest = head.rpartition(" ")
    # Text without spaces has no word's end near; half a sentence of it is better than none.
    return words.rstrip() if space and len(rest) <= limit // 4 else head.rstrip()
