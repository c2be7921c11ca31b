"""The base: the most complete report that is not damaged, or what the settings say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import told
from newsdedup.features import ReportFeatures
from newsdedup.merge.base_choice import choose_base, find_damage
from newsdedup.models.options import MergeOptions

LEAD = "The ferry Marisol ran aground off Port Lenna on Tuesday evening."
CREW = "Its captain, Karl Oberin, had served on the route for eleven summers."
TUGS = "Two tugs from the naval yard at Quill are to pull the ship free at high tide."
OYSTERS = "Diesel has spread over the oyster beds north of the lighthouse at Lenna."

DAMAGE = {
    "broken letters": (LEAD, "The shipâ€™s owner did not answer."),
    "broken letters, French": (LEAD, "Le capitaine a Ã©tÃ© entendu."),
    "markup": (LEAD, "The owner <b>did not</b> answer."),
    "markup, entities": (LEAD, "The ship&#8217;s owner did not answer."),
    "a lost first letter": ("he ferry Marisol ran aground off Port Lenna on Tuesday evening.", CREW),
    "a lost first letter, Russian": ("аром сел на мель у порта во вторник вечером.", "Капитан не пострадал."),
    "no end": (LEAD, "The owner of the ship, which was built in 1961 and"),
    "no end, with dots": (LEAD, "The owner of the ship, which was built..."),
    "scrambled words": (LEAD, "%96 76CCJ C2? 28C@F?5 @77 {6??2 @? %F6D52J 6G6?:?8 H:E9 abc A6@A=6 23@2C5]"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_damage(case: str) -> None:
    """By its kind, and in other languages too."""
    assert case.split(",", maxsplit=1)[0] in find_damage(told("a", *([text] for text in DAMAGE[case])))


SOUND = {
    "plain": (LEAD, CREW),
    "a ticker": ("Brennick Corp <BRN> said it sold 3 mln shares.", "AT&T had 40 pct of them."),
    "a quotation at the end": (LEAD, "“We were lucky,” she said. “Nobody was hurt.”"),
    "Chinese": ("渡轮星期二晚上在莱纳港外搁浅。", "船长没有受伤。"),
    "Arabic": ("جنحت العبارة مساء الثلاثاء قبالة الميناء.", "ولم يصب أحد بأذى."),
    "units and names": ("The MP3 player and the 4x4 were aboard in F16 containers.", "It was 8.30pm on the B52 road."),
}


@pytest.mark.parametrize("case", SOUND)
def test_no_damage(case: str) -> None:
    """What looks a little like it is none."""
    assert find_damage(told("a", *([text] for text in SOUND[case]))) == {}


@pytest.mark.parametrize("tail", ["&#8217;", "â€™", "<i>"])
def test_a_damaged_copy_is_not_the_base(tail: str) -> None:
    """However the two are ordered; the reason names the damage."""
    clean, damaged = told("a", [LEAD], [CREW], [TUGS]), told("b", [LEAD], [CREW], [f"{tail} {TUGS}"])
    for members in ([clean, damaged], [damaged, clean]):
        choice = choose_base(members)
        assert members[choice.index] is clean


def test_the_reason_names_the_damage_of_a_fuller_variant() -> None:
    """So that an editor sees why a shorter report was taken."""
    clean = told("a", [LEAD], [CREW], [TUGS])
    damaged = told("b", [LEAD], [CREW], [TUGS], [OYSTERS.replace(" ", " â€œ", 1)])
    choice = choose_base([clean, damaged])
    assert (choice.index, choice.reason) == (0, "the most complete report without damage (another has broken letters)")


def make_all() -> list[ReportFeatures]:
    """Return a full report, a cut of an earlier and one of a later day, from three sources."""
    full = told("a", [LEAD], [CREW], [TUGS], [OYSTERS], published="2025-03-02")
    early, late = told("b", [LEAD], [CREW], published="2025-03-01"), told("c", [LEAD], [TUGS], published="2025-03-03")
    sources = ("Coast Press", "Sorvik Times", "lenna.example")
    return [
        replace(features, report=replace(features.report, article=replace(features.report.article, source=source)))
        for features, source in zip((full, early, late), sources, strict=True)
    ]


RULES = [
    (MergeOptions(), "a", "the most complete report"),
    (MergeOptions(base="longest"), "a", "the longest report"),
    (MergeOptions(base="earliest"), "b", "the earliest report"),
    (MergeOptions(base="latest"), "c", "the latest report"),
    (MergeOptions(prefer_sources=("Nobody", "sorvik times")), "b", "of a preferred source"),
    (MergeOptions(base="latest", prefer_sources=("Coast Press",)), "a", "of a preferred source"),
]


@pytest.mark.parametrize(("options", "base", "reason"), RULES)
def test_settings_choose_the_base(options: MergeOptions, base: str, reason: str) -> None:
    """In any order of the variants, and with a reason."""
    variants = make_all()
    for members in (variants, variants[::-1]):
        choice = choose_base(members, options=options)
        assert members[choice.index].report.article.article_id == base
        assert choice.reason == reason


def test_a_superseded_version_is_not_the_base() -> None:
    """Even if it says more, and even if its source is preferred."""
    members = make_all()
    choice = choose_base(members, {0}, MergeOptions(prefer_sources=("Coast Press",)))
    assert choice.index != 0
    assert choice.reason.startswith("the later version")


def test_a_round_up_is_not_the_base_of_its_item() -> None:
    """Most of it is about other things."""
    item = told("a", [LEAD], [CREW])
    others = (
        "The mayor of Dorvik opened a new library on Monday morning.",
        "A heat wave is expected in the valley of Aune by the weekend.",
        "Farmers near Tolstad have asked for help against wild boars.",
    )
    round_up = told("b", *([text] for text in (others[0], LEAD, *others[1:])))
    assert choose_base([item, round_up]).index == 0
    assert choose_base([round_up, item]).index == 1


def test_of_three_the_words_that_two_share_are_the_base() -> None:
    """One outlet's rewrite is a little longer than the agency's report that the others print."""
    agency = [[LEAD], [CREW], [TUGS], [OYSTERS]]
    rewrite = [[" ".join(reversed(text.rstrip(".").split())).capitalize() + "."] for [text] in agency]
    members = [told("a", *rewrite, ["A crew of eleven was brought to the port of Lenna."]), told("b", *agency)]
    members.append(told("c", *agency[:3]))
    choice = choose_base(members)
    assert (choice.index, choice.reason) == (1, "the report in the words that most variants share")


def test_lines_of_its_own_that_are_no_sentences_do_not_count() -> None:
    headline = "Mayor Opens New Fish Market In Sorvik Harbour On Monday Morning"
    pages = [told("a", [LEAD], [CREW], [headline], page_share=0.5), told("b", [LEAD], [CREW], page_share=0.9)]
    assert choose_base(pages).index == 1


def test_summaries_do_not_count() -> None:
    page = told("a", [CREW], [TUGS], [LEAD], [CREW], [TUGS])
    with_summary = replace(page, report=replace(page.report, summary_count=2))
    assert choose_base([with_summary, told("b", [LEAD], [CREW], [TUGS], [OYSTERS])]).index == 1


@pytest.mark.parametrize(
    "lines",
    [
        (LEAD, CREW, "The boats are built in the U.S."),
        ("Shr 12 cts vs 10", "Net 1.2 mln vs 900,000", "Note: 1986 includes a gain of two mln crowns"),
    ],
)
def test_abbreviations_and_notes_are_no_lost_end(lines: tuple[str, ...]) -> None:
    assert "no end" not in find_damage(told("a", *([line] for line in lines)))
