"""The rules of `newsdedup check`: their codes, which never change their meaning, and what to do about each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from newsdedup.models import Printed, Relation
from newsdedup.models.checks import Severity


class Rule(Printed):
    """A rule by its `code`: what a finding means, an example of one, how to mend it, and how grave it is by default."""

    code: str
    name: str
    severity: Severity
    meaning: str
    example: str
    fix: str


def _error(code: str, name: str, meaning: str, example: str, fix: str) -> Rule:
    return Rule(code=code, name=name, severity=Severity.ERROR, meaning=meaning, example=example, fix=fix)


def _warning(code: str, name: str, meaning: str, example: str, fix: str) -> Rule:
    return Rule(code=code, name=name, severity=Severity.WARNING, meaning=meaning, example=example, fix=fix)


def _note(code: str, name: str, meaning: str, example: str, fix: str) -> Rule:
    return Rule(code=code, name=name, severity=Severity.NOTE, meaning=meaning, example=example, fix=fix)


_REMOVE = "remove one of the two, or waive the rule in the header of this one"

RULES: Final[tuple[Rule, ...]] = (
    _error(
        "ND001",
        "unreadable",
        "The file or folder cannot be read, or is no text.",
        "a link to nothing; a PDF named report.txt; a .gz file cut short",
        "mend the file or its permissions, or take it away",
    ),
    _error(
        "ND002",
        "wrong-encoding",
        "Bytes are not valid in the encoding of the file, or the text was decoded wrongly before.",
        "a UTF-16 file read as UTF-8; 'theyâ€™re' for 'they’re'",
        "save the file as UTF-8 from its original, or give --encoding",
    ),
    _error(
        "ND003",
        "empty",
        "There is no text in the file or record.",
        "a file of 0 bytes; a record whose text is white space",
        "fill it or remove it",
    ),
    _error(
        "ND004",
        "no-report",
        "After cleaning no report is left: the page is menus, notices or lists of headlines.",
        "a cookie notice that was saved in place of its article",
        "fetch the article again, or remove the file",
    ),
    _error(
        "ND005",
        "too-short",
        "The report is shorter than the minimum (min_words, in words).",
        "'Watch the video above.'",
        "add the rest of the article, or set min_words lower",
    ),
    _error(
        "ND006",
        "broken-record",
        "A record is no article: broken JSON or CSV, no text field, longer than max_record_chars.",
        '{"title": "Ferry hits pier", "text": 7}',
        "mend the record at the line named",
    ),
    _error(
        "ND007",
        "duplicate-id",
        "The id of the article is also that of another one.",
        "two files with 'Id: 4711' in their headers",
        "give one of the two another id",
    ),
    _warning(
        "ND011",
        "unreadable-date",
        "The date has several readings or none, so the article counts as undated.",
        "Date: 03/04/2025",
        "write it as ISO 8601: 2025-04-03",
    ),
    _warning(
        "ND012",
        "future-date",
        "The date is later than today.",
        "Date: 2052-05-01",
        "correct the date; SOURCE_DATE_EPOCH sets another today",
    ),
    _warning(
        "ND013",
        "unknown-field",
        "The header block has a field that newsdedup does not know, or one twice; it is carried along unused.",
        "Titel: Ferry hits pier",
        "spell it as one of Title, Source, Date, Author, URL, Language, Id, or remove it",
    ),
    _warning(
        "ND014",
        "unsplit-delimiter",
        "A line that looks like a delimiter between articles stands inside one and did not part it.",
        "===== on a line of its own, once in the file, with no header below it",
        "start the next article with a header, repeat the line between all articles, or remove it",
    ),
    _error(
        "ND101",
        "identical",
        "Another article has the same report, word for word.",
        "a file added a second time under another name",
        _REMOVE,
    ),
    _error(
        "ND102",
        "reprint",
        "Another article has the same report with hardly a word changed.",
        "an agency's report on the pages of two newspapers",
        _REMOVE,
    ),
    _error(
        "ND103",
        "abridged",
        "One of the two is the other, cut.",
        "the first five paragraphs of a report whose whole is there",
        "keep the whole one, or waive the rule in the header of this one",
    ),
    _error(
        "ND104",
        "update",
        "The two are an earlier and a later edit of one running report.",
        "the report of the evening and that of the next morning, with a toll that rose",
        "keep the later one, or waive the rule in the header of this one",
    ),
    _error(
        "ND105",
        "rewrite",
        "The two tell the same report in other words.",
        "an agency's report and a website's retelling of it",
        _REMOVE,
    ),
    _warning(
        "ND201",
        "boilerplate",
        "More of the page than max_boilerplate is not the report but menus, promotions, other headlines.",
        "three paragraphs of report above sixty headlines",
        "extract the article again without its page's frame",
    ),
    _note(
        "ND301",
        "template-sibling",
        "Another article has the same wording round other names and numbers; it is not taken for a duplicate.",
        "the earnings notes of two companies",
        "nothing; where all of them are unwanted, leave the series out",
    ),
    _note(
        "ND302",
        "same-event",
        "Another article is a separate report about the same event; it is not taken for a duplicate.",
        "what two newsrooms' own writers had on one speech",
        "nothing; compare A B tells what the two have in common",
    ),
    _note(
        "ND303",
        "possible-update",
        "Another article shares much of its text: perhaps an edit, perhaps a follow-up (min_update_probability).",
        "what a desk has on the second day of a trial, half of it background that it had on the first",
        "read both; remove the earlier one if the later tells it all",
    ),
    _warning(
        "ND901",
        "unused-waiver",
        "A Newsdedup-Ignore field of the article names a rule that it does not break, or that does not exist.",
        "Newsdedup-Ignore: ND102, in an article whose twin was removed",
        "remove the code from the field",
    ),
)

RULE: Final[Mapping[str, Rule]] = {rule.code: rule for rule in RULES}

DUPLICATES: Final[Mapping[Relation, str]] = {
    Relation.IDENTICAL: "ND101",
    Relation.REPRINT: "ND102",
    Relation.ABRIDGED: "ND103",
    Relation.UPDATE: "ND104",
    Relation.REWRITE: "ND105",
}
"""The code of a duplicate by its relation."""


def codes_under(prefix: str) -> tuple[str, ...]:
    """Return the codes that begin with `prefix` (`ND1`, `ND103`), in any case; none for what begins no code."""
    wanted = prefix.strip().upper()
    return tuple(rule.code for rule in RULES if wanted.startswith("ND") and rule.code.startswith(wanted))
