"""Stage 2: other articles after the report on its page, and pages of one report, which are not cut."""

from __future__ import annotations

import pytest
from pages import REPORT, body, clean_page, removed_roles

from newsdedup.thresholds import TRAILING_HEAD_PARAGRAPHS, TRAILING_MIN_WORDS

TITLE = "Olden canal drawbridge stays up for all of May"
LONG_REPORT = (
    *REPORT,
    "Pernille Aas has kept the drawbridge for nineteen years. She lives in the keeper's house beside the lock gates.",
    "The canal company let the first motor be rewound in April, and the drawbridge went up for a trial on a Sunday.",
    "Harlow Street will have a second lane for the drivers sent round, until the motor of the drawbridge is back.",
)
HARVEST = (
    "Grape growers above Lake Mirren have begun their harvest three weeks early, after a spring without frost.",
    "Pickers came from four valleys. By noon the presses of the cooperative in Sankt Egid had taken in nine tonnes.",
    "“My grandfather never picked before the feast of Michael,” said Ottilie Brandner, who has two hectares of vines.",
    "Sugar stands at ninety degrees Oechsle, its oenologist reported, and acid is lower than he would like.",
    "Wasps have been a nuisance in the steep parcels, where nets could not be spread before the berries turned colour.",
    "Restaurants along the shore plan to pour the young wine in September, served with onion cake as custom demands.",
    "Brandner expects a vintage of ripe, heavy whites. Reds will hang a fortnight longer if rain stays away.",
)
TENORS = (
    "A choir of postal workers will sing at the coronation mass after beating eleven ensembles in Elverton.",
    "Jurors praised its basses in particular. Two of them deliver parcels in one street and rehearse while walking.",
    "Conductor Salome Whitcombe founded the choir with seven sorters, none of whom could read a stave at the time.",
    "She taught them with the help of postcodes: each digit stood for a note, so that an envelope became a melody.",
    "Rehearsals take place in the loading hall before dawn, between trolleys, because the acoustics there are superb.",
    "Whitcombe has chosen a psalm by an unknown monk and a spiritual. Robes will be lent by the cathedral's vestry.",
)
HARVEST_HEADLINE = "Grape harvest above Lake Mirren starts three weeks early"
TENORS_HEADLINE = "Postal workers to sing at coronation mass"


def add_dateline(place: str, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    return (f"{place}: {paragraphs[0]}", *paragraphs[1:])


GLUED = {
    "a headline alone": (HARVEST_HEADLINE, *HARVEST, TENORS_HEADLINE, *TENORS),
    "a headline and a dateline": (HARVEST_HEADLINE, *add_dateline("SANKT EGID", HARVEST)),
    "a deck, the time and the desk in between": (
        HARVEST_HEADLINE,
        "Growers speak of the earliest start in a century, and pickers come from four valleys.",
        "Updated 14 min ago",
        "Mirren Courier",
        *add_dateline("SANKT EGID", HARVEST),
    ),
    "two dated articles": (
        TENORS_HEADLINE,
        *add_dateline("ELVERTON", TENORS),
        HARVEST_HEADLINE,
        *add_dateline("SANKT EGID", HARVEST),
    ),
    "boxes of other subjects": (
        "Young wine",
        *HARVEST,
        "Choir in numbers",
        "Singers: 41",
        "Rating: 4/5",
        *TENORS,
    ),
}


@pytest.mark.parametrize("tail", GLUED.values(), ids=GLUED)
@pytest.mark.parametrize("title", [TITLE, None])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_articles_glued_on_after_the_report_are_cut_off(tail: tuple[str, ...], title: str | None, gap: str) -> None:
    report = clean_page(gap.join((*LONG_REPORT, *tail)), title=title)
    assert body(report) == list(LONG_REPORT)
    roles = removed_roles(report)
    assert all(roles[paragraph] == "other_article" for paragraph in tail if paragraph.endswith((".", "”")))


@pytest.mark.parametrize("tail", GLUED.values(), ids=GLUED)
def test_nothing_of_what_is_cut_off_is_lost(tail: tuple[str, ...]) -> None:
    report = clean_page("\n\n".join((*LONG_REPORT, *tail)), title=TITLE)
    assert set(tail) <= set(removed_roles(report))


SUBHEADS = ("Nineteen years", "What drivers can expect", "Money for the second motor", "Long live the keeper of gates")


@pytest.mark.parametrize("paragraphs", [LONG_REPORT, HARVEST, TENORS], ids=["bridge", "harvest", "choir"])
@pytest.mark.parametrize("every", [1, 2, 3])
@pytest.mark.parametrize("title", [TITLE, HARVEST_HEADLINE, TENORS_HEADLINE, None])
def test_a_report_with_subheads_is_never_cut(paragraphs: tuple[str, ...], every: int, title: str | None) -> None:
    """Whatever the subheads say, and even if the given title is that of another article."""
    lines: list[str] = []
    for i, paragraph in enumerate(paragraphs):
        if i and i % every == 0:
            lines.append(SUBHEADS[i % len(SUBHEADS)])
        lines.append(paragraph)
    assert "other_article" not in removed_roles(clean_page("\n\n".join(lines), title=title)).values()


def test_a_short_box_of_another_subject_stays() -> None:
    """It may be background at the end of the report, and it has too few words to decide."""
    box = ("A word on wine", HARVEST[0], HARVEST[2])
    assert sum(len(line.split()) for line in box) < TRAILING_MIN_WORDS
    assert body(clean_page("\n\n".join((*LONG_REPORT, *box)), title=TITLE))[-1] == HARVEST[2]


def test_nothing_is_cut_before_a_report_has_begun() -> None:
    """Nothing is cut on a page with fewer full paragraphs than a lead has."""
    head = LONG_REPORT[: TRAILING_HEAD_PARAGRAPHS - 1]
    report = clean_page("\n\n".join((*head, HARVEST_HEADLINE, *add_dateline("SANKT EGID", HARVEST[:5]))), title=TITLE)
    assert body(report)[: len(head)] == list(head)
    assert HARVEST[4] in body(report)


def test_a_page_that_comes_back_to_its_report_is_not_cut() -> None:
    page = (*LONG_REPORT, HARVEST_HEADLINE, *HARVEST, "Back at the canal", *LONG_REPORT[:4])
    assert "other_article" not in removed_roles(clean_page("\n\n".join(page), title=TITLE)).values()


def test_letters_to_the_editor_stay_whole() -> None:
    """Each letter has its own subject, so none of them is a report to which the others are off topic."""
    letters = (
        *REPORT[:1], "Jan Orlov, Harlow", TENORS[0], "Mia Sund, Elverton", HARVEST[0], "Tilde Roos, Mirren", TENORS[2],
        "Per Ahl, Varo", *HARVEST[3:], "Ulla Berg, Hjelm", *TENORS[3:],
    )  # fmt: skip
    assert "other_article" not in removed_roles(clean_page("\n\n".join(letters), title="Readers write")).values()


def test_a_talk_in_turns_is_not_taken_for_datelines() -> None:
    turns = [f"{'AAS' if i % 2 else 'LIND'}: {line}" for i, line in enumerate((*LONG_REPORT, *HARVEST))]
    assert "other_article" not in removed_roles(clean_page("\n\n".join(turns), title=TITLE)).values()
