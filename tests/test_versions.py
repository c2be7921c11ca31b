"""Which variants are superseded: only facts of versioning count, never a date of another outlet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import told
from newsdedup.features import ReportFeatures
from newsdedup.merge.versions import find_superseded
from newsdedup.models import Dateline, Edit, EditKind

LEAD = "The ferry Marisol ran aground off Port Lenna on Tuesday evening."
CREW = "Its captain, Karl Oberin, had served on the route for eleven summers."
TUGS = "Two tugs from the naval yard at Quill are to pull the ship free at high tide."
OYSTERS = "Diesel has spread over the oyster beds north of the lighthouse at Lenna."
UPDATE_1, UPDATE_2 = Edit(EditKind.UPDATE, "UPDATE 1", 1), Edit(EditKind.UPDATE, "UPDATE 2", 2)
CORRECTED, REPEATED = Edit(EditKind.CORRECTION, "CORRECTED"), Edit(EditKind.REPEAT, "RPT")
WITHDRAWN = Edit(EditKind.WITHDRAWAL, "This report has been withdrawn.")


def make(
    name: str, *paragraphs: str, edit: Edit | None = None, agency: str | None = None, **fields: object
) -> ReportFeatures:
    """Return a report with these fields of its article, a mark of an edit, and an agency at Lenna."""
    features = told(name, *([text] for text in paragraphs))
    article = replace(features.report.article, **{"source": "Coast Press", **fields})  # type: ignore[arg-type]
    dateline = Dateline("LENNA", place="LENNA", agency=agency) if agency else None
    return replace(features, report=replace(features.report, article=article, edit=edit, dateline=dateline))


EARLY, LATE = "2025-03-09T08:00:00Z", "2025-03-09T12:00:00Z"
URL = "https://press.example/ferry"
FACTS: dict[str, tuple[ReportFeatures, ReportFeatures, bool]] = {
    "a higher version under one id": (
        make("a", LEAD, CREW, version_of="n1", extra={"version": 1}),
        make("n1", LEAD, extra={"version": "2"}),
        True,
    ),
    "a later versioncreated under one id": (
        make("a", LEAD, version_of="n1", extra={"versionCreated": EARLY}),
        make("n1", LEAD, CREW, extra={"versionCreated": LATE}),
        True,
    ),
    "a later date under one id": (
        make("a", LEAD, version_of="n1", published=EARLY),
        make("n1", LEAD, CREW, published=LATE),
        True,
    ),
    "a day has no time": (
        make("a", LEAD, version_of="n1", published="2025-03-09"),
        make("n1", LEAD, CREW, published=LATE),
        False,
    ),
    "one URL of one outlet": (
        make("a", LEAD, published=EARLY, url=URL),
        make("b", LEAD, CREW, published=LATE, url=URL),
        True,
    ),
    "a cut under one URL": (
        make("a", LEAD, CREW, TUGS, published=EARLY, url=URL),
        make("b", LEAD, published=LATE, url=URL),
        False,
    ),
    "one outlet, another URL": (make("a", LEAD, published=EARLY), make("b", LEAD, CREW, published=LATE), False),
    "another outlet": (
        make("a", LEAD, published=EARLY),
        make("b", LEAD, CREW, published=LATE, source="Sorvik Times"),
        False,
    ),
    "a marked update": (make("a", LEAD), make("b", LEAD, CREW, edit=UPDATE_1), True),
    "a higher update": (make("a", LEAD, edit=UPDATE_1), make("b", LEAD, CREW, edit=UPDATE_2), True),
    "a correction": (make("a", LEAD, published=EARLY), make("b", LEAD, edit=CORRECTED, published=LATE), True),
    "a correction of an earlier day": (
        make("a", LEAD, published=LATE),
        make("b", LEAD, edit=CORRECTED, published=EARLY),
        False,
    ),
    "a repetition": (make("a", LEAD), make("b", LEAD, edit=REPEATED), False),
    "an update of another outlet": (make("a", LEAD), make("b", LEAD, edit=UPDATE_1, source="Sorvik Times"), False),
    "one agency at one place": (
        make("a", LEAD, agency="Coast Wire"),
        make("b", LEAD, edit=UPDATE_1, agency="Coast Wire", source="Sorvik Times"),
        True,
    ),
    "a withdrawal under one id": (make("a", LEAD, CREW, version_of="n1"), make("n1", TUGS, edit=WITHDRAWN), True),
}


@pytest.mark.parametrize("case", FACTS.values(), ids=FACTS)
def test_facts_of_versioning(case: tuple[ReportFeatures, ReportFeatures, bool]) -> None:
    """The first is superseded by the second, or none is; the order given changes nothing."""
    earlier, later, is_superseded = case
    assert find_superseded([earlier, later]) == ({0} if is_superseded else set())
    assert find_superseded([later, earlier]) == ({1} if is_superseded else set())


def test_the_last_of_several_versions_supersedes_all_others() -> None:
    """However many there are, and in any order."""
    versions = [
        make(f"n1~{number}", LEAD, OYSTERS, version_of="n1", published=f"2025-03-{number:02}") for number in range(1, 6)
    ]
    assert find_superseded(versions) == {0, 1, 2, 3}
    assert find_superseded(versions[::-1]) == {1, 2, 3, 4}
