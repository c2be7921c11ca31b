"""The rules of `newsdedup check`: their codes, whose meaning never changes, and what to do about each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from newsdedup.models import Printed, Relation
from newsdedup.models.checks import Severity


class Rule(Printed):
    """A rule with its `code`: what a finding means, an example, how to fix it, and its default severity."""

    code: str
    name: str
    severity: Severity
    meaning: str
    example: str
    fix: str


def _error_rule(code: str, name: str, meaning: str, example: str, fix: str) -> Rule:
    return Rule(code=code, name=name, severity=Severity.ERROR, meaning=meaning, example=example, fix=fix)


def _warning_rule(code: str, name: str, meaning: str, example: str, fix: str) -> Rule:
    return Rule(code=code, name=name, severity=Severity.WARNING, meaning=meaning, example=example, fix=fix)


def _note_rule(code: str, name: str, meaning: str, example: str, fix: str) -> Rule:
    return Rule(code=code, name=name, severity=Severity.NOTE, meaning=meaning, example=example, fix=fix)


_REMOVE_ONE = "remove one of the two, or waive the rule in the header of this one"

RULES: Final[tuple[Rule, ...]] = (
    _error_rule(
        "ND001",
        "unreadable",
        "The file or folder cannot be read, or is not text.",
        "a dangling link; a PDF named report.txt; a truncated .gz file",
        "fix the file or its permissions, or remove it",
    ),
    _error_rule(
        "ND002",
        "wrong-encoding",
        "Bytes are not valid in the file's encoding, or the text was decoded wrongly before.",
        "a UTF-16 file read as UTF-8; 'theyâ€™re' for 'they’re'",
        "save the file as UTF-8 from its original, or set --encoding",
    ),
    _error_rule(
        "ND003",
        "empty",
        "The file or record has no text.",
        "a file of 0 bytes; a record whose text is white space",
        "add the text, or remove the file or record",
    ),
    _error_rule(
        "ND004",
        "no-report",
        "No report is left after cleaning: the page has only menus, notices or lists of headlines.",
        "a cookie notice that was saved in place of the article",
        "fetch the article again, or remove the file",
    ),
    _error_rule(
        "ND005",
        "too-short",
        "The report is shorter than the minimum (min_words, in words).",
        "'Watch the video above.'",
        "add the rest of the article, or lower min_words",
    ),
    _error_rule(
        "ND006",
        "broken-record",
        "A record is not an article: broken JSON or CSV, no text field, or longer than max_record_chars.",
        '{"title": "Ferry hits pier", "text": 7}',
        "fix the record at the given line",
    ),
    _error_rule(
        "ND007",
        "duplicate-id",
        "Another article has the same id.",
        "two files with 'Id: 4711' in their headers",
        "give one of the two a different id",
    ),
    _warning_rule(
        "ND011",
        "unreadable-date",
        "The date has several readings or none, so the article counts as undated.",
        "Date: 03/04/2025",
        "write it as ISO 8601: 2025-04-03",
    ),
    _warning_rule(
        "ND012",
        "future-date",
        "The date is later than today.",
        "Date: 2052-05-01",
        "correct the date, or set SOURCE_DATE_EPOCH to check as of another day",
    ),
    _warning_rule(
        "ND013",
        "unknown-field",
        "The header block has an unknown or repeated field, which is kept but not used.",
        "Titel: Ferry hits pier",
        "spell it as one of Title, Source, Date, Author, URL, Language, Id, or remove it",
    ),
    _warning_rule(
        "ND014",
        "unsplit-delimiter",
        "A line inside an article looks like a delimiter between articles but did not split it.",
        "===== on a line of its own, once in the file, with no header below it",
        "start the next article with a header, repeat the line between all articles, or remove it",
    ),
    _error_rule(
        "ND101",
        "identical",
        "Another article has the same report, word for word.",
        "a file added a second time under another name",
        _REMOVE_ONE,
    ),
    _error_rule(
        "ND102",
        "reprint",
        "Another article has the same report with hardly a word changed.",
        "an agency's report on the pages of two newspapers",
        _REMOVE_ONE,
    ),
    _error_rule(
        "ND103",
        "abridged",
        "One of the two is a shortened version of the other.",
        "the first five paragraphs of a report that is also there in full",
        "keep the full one, or waive the rule in the header of this one",
    ),
    _error_rule(
        "ND104",
        "update",
        "The two are an earlier and a later edit of one running report.",
        "the evening's report and the next morning's, with a higher death toll",
        "keep the later one, or waive the rule in the header of this one",
    ),
    _error_rule(
        "ND105",
        "rewrite",
        "The two are the same report in other words.",
        "an agency's report and a website's rewrite of it",
        _REMOVE_ONE,
    ),
    _warning_rule(
        "ND201",
        "boilerplate",
        "Menus, promotions and other headlines make up more of the page than max_boilerplate.",
        "three paragraphs of report above sixty headlines",
        "extract the article again without the boilerplate of its page",
    ),
    _note_rule(
        "ND301",
        "template-sibling",
        "Another article has the same wording with other names and numbers; it does not count as a duplicate.",
        "the earnings notes of two companies",
        "nothing; if none of them is wanted, leave out the whole series",
    ),
    _note_rule(
        "ND302",
        "same-event",
        "Another article is a separate report about the same event; it does not count as a duplicate.",
        "two newsrooms' own reports on one speech",
        "nothing; newsdedup compare A B shows what the two have in common",
    ),
    _note_rule(
        "ND303",
        "possible-update",
        "Another article shares much of its text: perhaps an edit, perhaps a follow-up (min_update_probability).",
        "a report on the second day of a trial, half of it background from the report on the first day",
        "read both; remove the earlier one if the later one contains all of it",
    ),
    _warning_rule(
        "ND901",
        "unused-waiver",
        "The article has a Newsdedup-Ignore field for a rule that it does not break, or that does not exist.",
        "Newsdedup-Ignore: ND102, in an article whose duplicate was removed",
        "remove the code from the field",
    ),
)

RULES_BY_CODE: Final[Mapping[str, Rule]] = {rule.code: rule for rule in RULES}

DUPLICATE_CODES: Final[Mapping[Relation, str]] = {
    Relation.IDENTICAL: "ND101",
    Relation.REPRINT: "ND102",
    Relation.ABRIDGED: "ND103",
    Relation.UPDATE: "ND104",
    Relation.REWRITE: "ND105",
}
"""The rule code of a duplicate, by its relation."""


def codes_with_prefix(prefix: str) -> tuple[str, ...]:
    """Return the codes that begin with `prefix` (`ND1`, `ND103`), in any case; none if no code does."""
    normalised = prefix.strip().upper()
    return tuple(rule.code for rule in RULES if normalised.startswith("ND") and rule.code.startswith(normalised))
