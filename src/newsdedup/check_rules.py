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


# A block for each rule: code, name and default severity, then a line each for meaning, example and fix.
_RULE_TEXTS = """
ND001 unreadable (error)
    The file or folder cannot be read, or is not text.
    a dangling link; a PDF named report.txt; a truncated .gz file
    fix the file or its permissions, or remove it

ND002 wrong-encoding (error)
    Bytes are not valid in the file's encoding, or the text was decoded wrongly before.
    a UTF-16 file read as UTF-8; 'theyâ€™re' for 'they’re'
    save the file as UTF-8 from its original, or set --encoding

ND003 empty (error)
    The file or record has no text.
    a file of 0 bytes; a record whose text is white space
    add the text, or remove the file or record

ND004 no-report (error)
    No report is left after cleaning: the page has only menus, notices or lists of headlines.
    a cookie notice that was saved in place of the article
    fetch the article again, or remove the file

ND005 too-short (error)
    The report is shorter than the minimum (min_words, in words).
    'Watch the video above.'
    add the rest of the article, or lower min_words

ND006 broken-record (error)
    A record is not an article: broken JSON or CSV, no text field, or longer than max_record_chars.
    {"title": "Ferry hits pier", "text": 7}
    fix the record at the given line

ND007 duplicate-id (error)
    Another article has the same id.
    two files with 'Id: 4711' in their headers
    give one of the two a different id

ND011 unreadable-date (warning)
    The date has several readings or none, so the article counts as undated.
    Date: 03/04/2025
    write it as ISO 8601: 2025-04-03

ND012 future-date (warning)
    The date is later than today.
    Date: 2052-05-01
    correct the date, or set SOURCE_DATE_EPOCH to check as of another day

ND013 unknown-field (warning)
    The header block has an unknown or repeated field, which is kept but not used.
    Titel: Ferry hits pier
    spell it as one of Title, Source, Date, Author, URL, Language, Id, or remove it

ND014 unsplit-delimiter (warning)
    A line inside an article looks like a delimiter between articles but did not split it.
    ===== on a line of its own, once in the file, with no header below it
    start the next article with a header, repeat the line between all articles, or remove it

ND101 identical (error)
    Another article has the same report, word for word.
    a file added a second time under another name
    remove one of the two, or waive the rule in the header of this one

ND102 reprint (error)
    Another article has the same report with hardly a word changed.
    an agency's report on the pages of two newspapers
    remove one of the two, or waive the rule in the header of this one

ND103 abridged (error)
    One of the two is a shortened version of the other.
    the first five paragraphs of a report that is also there in full
    keep the full one, or waive the rule in the header of this one

ND104 update (error)
    The two are an earlier and a later edit of one running report.
    the evening's report and the next morning's, with a higher death toll
    keep the later one, or waive the rule in the header of this one

ND105 rewrite (error)
    The two are the same report in other words.
    an agency's report and a website's rewrite of it
    remove one of the two, or waive the rule in the header of this one

ND201 boilerplate (warning)
    Menus, promotions and other headlines make up more of the page than max_boilerplate.
    three paragraphs of report above sixty headlines
    extract the article again without the boilerplate of its page

ND301 template-sibling (note)
    Another article has the same wording with other names and numbers; it does not count as a duplicate.
    the earnings notes of two companies
    nothing; if none of them is wanted, leave out the whole series

ND302 same-event (note)
    Another article is a separate report about the same event; it does not count as a duplicate.
    two newsrooms' own reports on one speech
    nothing; newsdedup compare A B shows what the two have in common

ND303 possible-update (note)
    Another article shares much of its text: perhaps an edit, perhaps a follow-up (min_update_probability).
    a report on the second day of a trial, half of it background from the report on the first day
    read both; remove the earlier one if the later one contains all of it

ND901 unused-waiver (warning)
    The article has a Newsdedup-Ignore field for a rule that it does not break, or that does not exist.
    Newsdedup-Ignore: ND102, in an article whose duplicate was removed
    remove the code from the field
"""


def _parse_rule(block: str) -> Rule:
    heading, meaning, example, fix = map(str.strip, block.split("\n"))
    code, name, severity = heading.split()
    return Rule(
        code=code, name=name, severity=Severity(severity.strip("()")), meaning=meaning, example=example, fix=fix
    )


RULES: Final[tuple[Rule, ...]] = tuple(map(_parse_rule, _RULE_TEXTS.strip().split("\n\n")))

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
