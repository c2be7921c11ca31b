"""Phrases shared by several formats of `check`, all safe to show: one line each, without control characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from newsdedup.models import Direction, Relation
from newsdedup.models.checks import CheckSummary, Finding, Location, Severity
from newsdedup.render import wording
from newsdedup.render.console import BULLET
from newsdedup.render.differences import Piece, diff_words
from newsdedup.render.sanitise import sanitise_text

_MAX_OTHERS = 3
"""Maximum number of further articles named with a finding; JSON has them all."""
_SAME_WORDING = frozenset({Relation.IDENTICAL, Relation.REPRINT})


def format_location(location: Location) -> str:
    """Return `path:line`, which terminals and editors can open."""
    return f"{sanitise_text(location.path)}:{location.line}"


def format_span(location: Location) -> str:
    """Return `path:line-line`, or `path:line` for a single line."""
    return format_location(location) + (f"-{location.end_line}" if location.end_line > location.line else "")


def format_rule(finding: Finding) -> str:
    """Return e.g. `ND105 rewrite`."""
    return f"{sanitise_text(finding.code)} {sanitise_text(finding.rule)}"


def format_counts(findings: Iterable[Finding]) -> str:
    """Return e.g. `2 errors, 1 note`, most severe first; empty for no findings."""
    severity_counts = Counter(finding.severity for finding in findings)
    return ", ".join(
        wording.format_count(severity_counts[severity], severity.value)
        for severity in Severity
        if severity_counts[severity]
    )


def format_facts(finding: Finding) -> str:
    """Return what is known of the pair: probability, which was made from which, the sentences that they share."""
    facts = []
    if finding.location.article_id not in {None, finding.location.path}:
        facts.append(f"article {sanitise_text(finding.location.article_id or '')}")
    if finding.probability is not None:
        facts.append(f"probability {finding.probability:.2f}")
    if finding.relation is not None and finding.direction != Direction.UNKNOWN:
        facts.append(wording.format_relation(finding.relation, finding.direction, base="the other"))
    if finding.passage is not None:
        (covered, total), (other_covered, other_total) = finding.passage.sentences, finding.passage.other_sentences
        facts.append(f"sentences in both: {covered:,} of {total:,} here, {other_covered:,} of {other_total:,} there")
    return f" {BULLET} ".join(facts)


def format_others(finding: Finding) -> str:
    """Return the ids of at most three further articles and the number of the others; empty for none."""
    shown = ", ".join(map(sanitise_text, finding.others[:_MAX_OTHERS]))
    more = len(finding.others) + finding.more - _MAX_OTHERS
    return f"{shown} and {more:,} more" if more > 0 else shown


def get_wordings(finding: Finding) -> tuple[str, ...]:
    """Return the wording of the shared passage in both articles, once if they read alike; empty for no passage."""
    passage = finding.passage
    if passage is None:
        return ()
    text, other_text = sanitise_text(passage.text).strip(), sanitise_text(passage.other_text).strip()
    return (text,) if finding.relation in _SAME_WORDING or text == other_text else (text, other_text)


def truncate(text: str, limit: int) -> str:
    """Return the first `limit` characters of `text`, cut after a word if possible, and how many are missing.

    The cut does not depend on the width of the page: the same finding reads the same in every log.
    """
    prefix = _take_prefix(text, limit)
    return prefix if len(prefix) == len(text) else prefix + _format_ellipsis(len(text) - len(prefix))


def diff_excerpts(wordings: Sequence[str], limit: int) -> list[tuple[list[Piece], str]]:
    """Return the first `limit` characters of both wordings as pieces, and the mark for what was cut off, empty if none.

    Twice as much is compared: a word just beyond the cut of one side does not count as missing there.
    """
    excerpts = []
    for text, pieces in zip(wordings, diff_words(*(text[: 2 * limit] for text in wordings)), strict=True):
        excerpt = truncate_pieces(pieces, limit)
        missing = len(text) - measure_length(excerpt)
        excerpts.append((excerpt, _format_ellipsis(missing) if missing else ""))
    return excerpts


def truncate_pieces(pieces: Sequence[Piece], limit: int) -> list[Piece]:
    """Return the pieces of the first `limit` characters, the last one shortened."""
    kept_pieces: list[Piece] = []
    for piece in pieces:
        text = _take_prefix(piece.text, limit)
        if text:
            kept_pieces.append(Piece(text, piece.differs, piece.space))
        if len(text) < len(piece.text):
            break
        limit -= len(piece.text) + len(piece.space)
    return kept_pieces


def measure_length(pieces: Iterable[Piece]) -> int:
    """Return the number of characters of the pieces, without white space after the last one."""
    return len("".join(piece.text + piece.space for piece in pieces).rstrip())


def _format_ellipsis(missing: int) -> str:
    return f" … ({wording.format_count(missing, 'more character')})"


def format_checked(summary: CheckSummary) -> str:
    """Return how many new articles were checked, and against how many known ones."""
    known_note = f" against {summary.known:,} known" if summary.known else ""
    return f"{wording.format_count(summary.new, 'new article')} checked{known_note}"


def format_suppressed(summary: CheckSummary) -> str:
    """Return how many findings were suppressed and why, and how many baseline entries are stale; empty if none."""
    parts = {"in the baseline": summary.baselined, "waived": summary.waived, "ignored by path": summary.ignored}
    counts = [f"{count:,} {label}" for label, count in parts.items() if count]
    notes = [", ".join(counts)] if counts else []
    if summary.stale:
        entries = wording.format_count(summary.stale, "stale baseline entry")
        notes.append(f"{entries}, remove with --update-baseline")
    return "; ".join(notes)


def format_passage(finding: Finding, limit: int) -> list[str]:
    """Return the shared passage as plain text: one line per wording, each after a line with its location."""
    wordings = get_wordings(finding)
    if not wordings:
        return []
    span = format_span(finding.location)
    other_span = format_span(finding.other) if finding.other else "the other article"
    if len(wordings) == 1:
        return [f"shared passage, {span} and {other_span}:", truncate(wordings[0], limit)]
    return [f"{span}:", truncate(wordings[0], limit), f"{other_span}:", truncate(wordings[1], limit)]


def _take_prefix(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    head = text[: max(limit, 0)]
    if text[len(head) : len(head) + 1].isspace():
        return head.rstrip()
    words, space, last_word = head.rpartition(" ")
    # Text without spaces has no end of a word nearby; half a sentence is better than nothing.
    return words.rstrip() if space and len(last_word) <= limit // 4 else head.rstrip()
