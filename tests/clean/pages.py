"""Build pages and clean them, with the IDF table that the pipeline uses."""

from __future__ import annotations

from functools import cache
from typing import Any

from newsdedup.clean import NO_RECURRING_LINES, RecurringLines, clean
from newsdedup.idf import IdfTable, load_idf_table
from newsdedup.models import Article, Report
from newsdedup.text import content_hash

# A report to which the cases add their lines: full sentences, a quote, numbers, names.
REPORT = (
    "The drawbridge over the Olden canal will stay up for all of May, because one of its two motors has to be rewound.",
    "Cyclists can cross on the lock gates. Drivers are sent round by way of Harlow Street, which takes twelve minutes.",
    "“We asked four firms whether it could be done at night, and four firms laughed,” said the keeper, Pernille Aas.",
    "The motor has run since 1961 and was made by a company that now sells kitchens. Its repair costs 84,000 dollars.",
)


@cache
def background() -> IdfTable:
    """Return the IDF table that ships with the package."""
    return load_idf_table()


def page(text: str, *, name: str = "page", **fields: Any) -> Article:
    """Return an article of `text`; `fields` are those of Article (title, source, url, ...)."""
    return Article(name, name, 1, text, content_hash(fields.get("title"), text), **fields)


def clean_page(text: str, *, table: RecurringLines = NO_RECURRING_LINES, **fields: Any) -> Report:
    """Return the report of a page of `text`."""
    return clean(page(text, **fields), table, background())


def body(report: Report) -> list[str]:
    """Return the paragraphs of `report` as the page has them."""
    return [" ".join(paragraph) for paragraph in report.paragraphs]


def removed_roles(report: Report) -> dict[str, str]:
    """Return the role of each removed text."""
    return {part.text: part.kind.value for part in report.removed}
