"""Stage 2: which paragraphs of a page are the report. Pages marked by hand, single cases, and properties."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pages import REPORT, background, body, clean_page, page, removed_roles

from in_memory import count_recurring_lines
from newsdedup import text
from newsdedup.clean import clean
from newsdedup.models import Report, Role

LAW = settings(max_examples=200)
PAGES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "pages.jsonl").read_text(encoding="utf-8").splitlines()
]
# The share of all paragraphs marked by hand that get exactly the marked role. At present promos are confused with
# boilerplate and the headings of related headlines with labels; all of them are removed from the report.
EXACT_ROLES = 0.95

HEADLINES = (
    "Swan holds up traffic on ring road for forty minutes",
    "Council tax bills to go out a month late",
    "Former goalkeeper opens bakery in old post office",
    "Choir looks for tenors before the summer festival",
    "Night buses return to the northern suburbs",
    "Rugby: Elverton lose at home to Saint Mara again",
    "Pensioner wins court case over neighbour's rooster",
    "Hospital merger clears its last hurdle",
    "Two held after chase ends in cornfield",
    "Grain elevator fire smolders into second week",
    "Teachers vote for one-day strike in October",
    "Orchestra names its first conductor from overseas",
    "Airport counts more passengers than ever",
    "Wild boar seen in gardens of the east side",
    "Museum gets back painting stolen in 1988",
    "Minister under fire over new forest law",
    "Court stops sale of island to investor",
    "Price of eggs climbs for the fifth month",
    "Police look for owner of escaped llama",
    "Volcano forces airline to cancel forty flights",
)
QUESTIONS = (
    "Why do our summers smell of smoke?",
    "Is the four-day week coming to town halls?",
    "Who will pay for the new stadium?",
)
ASKING = (HEADLINES[0], *QUESTIONS, *HEADLINES[1:4])
ABBREVIATED = (
    "Minister denies secret trade talks with the U.S.",
    "Brennick buys rival chip maker Tallmere Corp.",
    "Former goalkeeper opens bakery in old post office",
    "New envoy defends budget before the U.N.",
    "Council tax bills to go out a month late",
)
TITLE_CASE_WITH_STOPS = (
    "Minister Denies Secret Trade Talks With the U.S.",
    "Swan Holds Up Traffic on Ring Road",
    "Why Nobody Wants the Mayor's Old Piano",
    "Brennick Buys Rival Chip Maker Tallmere Inc.",
)
ON_TOPIC = (
    "Olden canal bridge keeper honoured after thirty years",
    "Drivers angry about detour by way of Harlow Street",
    "Lock gates of Olden canal to be repaired next",
    "Cyclists ask for a bridge of their own over canal",
)
LAYOUTS = {
    "two blank lines before, newlines in it": ("\n\n", "\n\n\n", "\n"),
    "one blank line before and in it": ("\n\n", "\n\n", "\n\n"),
    "newlines everywhere": ("\n", "\n", "\n"),
    "newlines in the report, two blank lines between": ("\n", "\n\n\n", "\n"),
    "blank lines everywhere, two between": ("\n\n", "\n\n\n", "\n\n"),
}


def squeeze(value: str) -> str:
    """Return `value` in NFC without white space, to compare what was split and joined."""
    return "".join(unicodedata.normalize("NFC", value).split())


# -- pages marked by hand ------------------------------------------------------------------------------------------


@cache
def report_of(name: str) -> Report:
    article: dict[str, Any] = next(marked["article"] for marked in PAGES if marked["name"] == name)
    return clean(page(**article), idf_table=background())


def strip_dateline_and_credit(report: Report, paragraph: str) -> str:
    """Return a marked paragraph without the dateline and credit that `report` took off it, squeezed."""
    remainder = squeeze(paragraph)
    if report.dateline is not None:
        remainder = remainder.removeprefix(squeeze(report.dateline.text))
    if any(part.kind is Role.CREDIT and remainder.endswith(squeeze(part.text)) for part in report.removed):
        remainder = remainder.removesuffix(squeeze(report.credit or ""))
    return remainder


@pytest.mark.parametrize("marked", PAGES, ids=[part["name"] for part in PAGES])
def test_marked_page_keeps_its_body_and_nothing_else(marked: dict[str, Any]) -> None:
    """On every page marked by hand the report consists of the paragraphs marked body, in order."""
    report = report_of(marked["name"])
    expected = [strip_dateline_and_credit(report, paragraph) for paragraph, role in marked["roles"] if role == "body"]
    lines = [squeeze(paragraph) for block in text.split_blocks(marked["article"]["text"]) for paragraph in block]
    unmarked = set(lines) - {squeeze(paragraph) for paragraph, _ in marked["roles"]}  # where two readers disagreed
    assert [chars for paragraph in body(report) if (chars := squeeze(paragraph)) not in unmarked] == expected
    removed_counts = Counter(part.text for part in report.removed)
    assert not Counter(paragraph for paragraph, role in marked["roles"] if role != "body") - removed_counts


def test_marked_pages_get_the_kinds_marked() -> None:
    """Removed paragraphs nearly always have the right role."""
    wrong, total = [], 0
    for marked in PAGES:
        kinds = removed_roles(report_of(marked["name"]))
        for paragraph, role in marked["roles"]:
            total += 1
            if (kind := kinds.get(paragraph, "body")) != role:
                wrong.append(f"{marked['name']}: {role} taken for {kind}: {paragraph[:60]}")
    assert len(wrong) <= (1 - EXACT_ROLES) * total, "\n".join(wrong)


MARKED_DATELINES = {
    "dateline-agency-dash": ("PORT SELWYN", "NPA"),
    "dateline-date-agency": ("VARO", "Northern Press"),
    "dateline-colon": ("PELAGONG", None),
    "dateline-three-lines": ("Hjelm", "NPA"),
}


@pytest.mark.parametrize("marked", PAGES, ids=[each["name"] for each in PAGES])
def test_marked_page_has_its_dateline(marked: dict[str, Any]) -> None:
    """The dateline of four pages is parsed and removed from the text; no other page has one."""
    report = report_of(marked["name"])
    dateline = (report.dateline.place, report.dateline.agency) if report.dateline else None
    assert dateline == MARKED_DATELINES.get(marked["name"])
    if report.dateline:
        assert report.dateline.text not in report.text


MARKED_BYLINES = {
    "byline-capitals": "JANE MARLOW",
    "byline-two-names-with-desk": "Jane Marlow and John Rowe, Staff Writers",
    "byline-desk-only": "Jane Marlow",
}


@pytest.mark.parametrize("marked", PAGES, ids=[each["name"] for each in PAGES])
def test_marked_page_has_its_byline(marked: dict[str, Any]) -> None:
    """The byline is found on the pages that have one, and on no others."""
    assert report_of(marked["name"]).byline == MARKED_BYLINES.get(marked["name"])


def test_credit_is_taken_off_the_last_paragraph() -> None:
    """An agency's name after the last full stop is no part of the report."""
    report = clean_page("\n\n".join([*REPORT[:3], f"{REPORT[3]} — Reuters"]))
    assert body(report) == list(REPORT)
    assert report.credit == "Reuters"
    assert removed_roles(report) == {"Reuters": "credit"}


# -- headlines of other articles -----------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("count", [3, 8, 20])
def test_headlines_after_the_report_go(count: int, layout: tuple[str, str, str]) -> None:
    """The first trap of the founding seeds, for any length and any separator of the block."""
    paragraphs, between, inside = layout
    report = clean_page(paragraphs.join(REPORT) + between + inside.join(HEADLINES[:count]))
    assert body(report) == list(REPORT)
    assert removed_roles(report) == dict.fromkeys(HEADLINES[:count], "related_headlines")


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize(
    "block",
    [ASKING, ABBREVIATED, TITLE_CASE_WITH_STOPS, ON_TOPIC, HEADLINES[:2] + ON_TOPIC],
    ids=["with questions", "abbreviations at the end", "title case", "on the report's topic", "partly on topic"],
)
def test_other_headlines_after_the_report_go(block: tuple[str, ...], layout: tuple[str, str, str]) -> None:
    """After the report the structure decides: punctuation, case and topic of the headlines do not matter."""
    paragraphs, between, inside = layout
    report = clean_page(paragraphs.join(REPORT) + between + inside.join(block))
    assert body(report) == list(REPORT)
    assert removed_roles(report) == dict.fromkeys(block, "related_headlines")


@pytest.mark.parametrize("paragraphs", ["\n", "\n\n"], ids=["newlines", "blank lines"])
def test_block_that_opens_with_questions_goes(paragraphs: str) -> None:
    """A question right after the report may be its last line, but not one in a separate block."""
    report = clean_page(paragraphs.join(REPORT) + "\n\n\n" + "\n".join([*QUESTIONS, *HEADLINES[:3]]))
    assert body(report) == list(REPORT)


@pytest.mark.parametrize("start", range(0, 18, 3))
def test_any_three_headlines_after_the_report_go(start: int) -> None:
    """Three headlines of similar width are not taken for one hard-wrapped paragraph."""
    block = HEADLINES[start : start + 3]
    report = clean_page("\n\n".join(REPORT) + "\n\n\n" + "\n".join(block))
    assert body(report) == list(REPORT)
    assert list(removed_roles(report)) == list(block)


@pytest.mark.parametrize("count", [3, 8, 20])
@pytest.mark.parametrize("between", ["\n\n", "\n\n\n"], ids=["one blank line", "two blank lines"])
def test_headlines_before_the_report_go(count: int, between: str) -> None:
    """A page may also print its list of other news above the report."""
    text_of_page = "\n\n".join(HEADLINES[:count]) + between + "\n\n".join(REPORT)
    report = clean_page(text_of_page, title="Olden drawbridge to stay up for three weeks")
    assert body(report) == list(REPORT)
    assert set(removed_roles(report).values()) == {"related_headlines"}


def test_headlines_in_the_middle_of_the_report_go() -> None:
    """An off-topic list between two paragraphs is removed."""
    lines = [*REPORT[:2], *HEADLINES[:4], *REPORT[2:]]
    report = clean_page("\n\n".join(lines))
    assert body(report) == list(REPORT)
    assert removed_roles(report) == dict.fromkeys(HEADLINES[:4], "related_headlines")


def test_headlines_go_after_a_notice_between() -> None:
    """Notices between the report and the block do not hide the block."""
    report = clean_page("\n\n".join([*REPORT, "ADVERTISEMENT", "Most read", *HEADLINES[:5], "© 2025 Olden Observer"]))
    assert body(report) == list(REPORT)


def test_a_short_last_sentence_is_not_taken_for_a_headline() -> None:
    """The report may end in a short sentence right above the block."""
    report = clean_page("\n".join([*REPORT, "Nobody will miss it.", *HEADLINES[:6]]))
    assert body(report) == [*REPORT, "Nobody will miss it."]


@pytest.mark.parametrize("between", ["\n", "\n\n"], ids=["newlines", "blank lines"])
def test_two_lines_after_the_report_stay(between: str) -> None:
    """Two lines are not a list: a cut-off paragraph and a last line look the same."""
    lines = [*REPORT, *HEADLINES[:2]]
    assert body(clean_page(between.join(lines))) == lines


def test_a_page_of_headlines_alone_keeps_them() -> None:
    """Without a report nothing shows that the lines are other articles' headlines, so they are kept."""
    report = clean_page("\n".join(HEADLINES[:4]))
    assert body(report)


# -- promos and subheads -------------------------------------------------------------------------------------------

PROMOS = [
    "Harbour master accused of selling moorings to friends faces disciplinary hearing",
    "Scientists Discover New Species of Frog in Abandoned Mine",
    "Tennis star withdraws from final after wasp sting",
]
SUBHEADS = [
    "A motor from another age",
    "What it costs",
    "Repair of the motor takes three weeks",
    "Drivers sent round by Harlow Street",
    "Detour",
]


@pytest.mark.parametrize("promo", PROMOS)
@pytest.mark.parametrize("at", [1, 2, 3])
def test_promo_between_paragraphs_goes(promo: str, at: int) -> None:
    """The second trap of the founding seeds: one off-topic headline in the middle of the report."""
    report = clean_page("\n\n".join([*REPORT[:at], promo, *REPORT[at:]]))
    assert body(report) == list(REPORT)
    assert removed_roles(report) == {promo: "promo"}


@pytest.mark.parametrize("subhead", SUBHEADS)
@pytest.mark.parametrize("at", [1, 2, 3])
def test_subhead_between_paragraphs_stays(subhead: str, at: int) -> None:
    """A short or on-topic line belongs to the report."""
    lines = [*REPORT[:at], subhead, *REPORT[at:]]
    report = clean_page("\n\n".join(lines))
    assert body(report) == lines
    assert not report.removed


def test_subheads_before_every_paragraph_stay() -> None:
    """Subheads throughout a report are not a list of headlines."""
    lines = [line for pair in zip(SUBHEADS, REPORT, strict=False) for line in pair]
    assert body(clean_page("\n\n".join(lines), title="Olden drawbridge")) == lines


@pytest.mark.parametrize(
    "promo", ["READ MORE: Rail fares to rise in December", "Read also: The man who collects signals", "See also: Locks"]
)
def test_labelled_promo_goes(promo: str) -> None:
    """A line with a promo label is a promo whatever its topic."""
    report = clean_page("\n\n".join([REPORT[0], promo, *REPORT[1:]]))
    assert removed_roles(report) == {promo: "promo"}
    assert body(report) == list(REPORT)


def test_line_that_the_report_introduces_stays() -> None:
    """A line after a paragraph that ends with a colon belongs to the report."""
    lines = [REPORT[0], "On the keeper's door hangs a note:", "Knock twice or come back after the herring", *REPORT[1:]]
    assert body(clean_page("\n\n".join(lines))) == lines


# -- odd-looking lines of the report -------------------------------------------------------------------------------

KEPT = {
    "list of names": [
        "Ane Lund, 67, of Olden",
        "Bo Falk, 71, of Olden",
        "Samira Noor, 29, of Eastport",
        "Peter Vann, 44, of Eastport",
    ],
    "names alone": ["Ane Lund", "Bo Falk", "Samira Noor", "Peter Vann"],
    "bulleted dates": ["- Lock gates: 3 to 21 March", "- North ramp: 24 March to 2 April", "- Motor: 5 to 26 May"],
    "numbered steps": ["1. Ring the bell at the northern lock", "2. Wait for the keeper", "3. Push the bicycle across"],
    "poem": [
        "You kept the town in turning halves,",
        "one for the boats and one for me,",
        "and counted masts the way that calves",
        "are counted, late, by memory.",
    ],
    "table rows": ["Motor 1 | 1961 | 40 kW", "Motor 2 | 1974 | 44 kW", "Pump | 1980 | 12 kW"],
    "results": ["Olden 3 Varo 1", "Elverton 0 Marn 2", "Tolm 2 Gessy 2", "Kerr 4 Harn 5"],
    "short sentences": ["Nobody rang.", "Then it rained.", "The keeper went home."],
    "questions and answers": ["Who pays?", "The town pays for it all.", "Who asked?", "Nobody asked the town."],
    "long quote without full stop": [
        (
            "“I have thought for a long time about what I would say on the day the bridge stops, and I find that there "
            "is nothing to say but that the cat will have to find another place to sleep in”"
        )
    ],
}


@pytest.mark.parametrize("odd", KEPT.values(), ids=KEPT)
def test_odd_lines_inside_the_report_stay(odd: list[str]) -> None:
    """In case of doubt a line is kept."""
    lines = [*REPORT[:2], "The keeper's list reads:", *odd, *REPORT[2:]]
    report = clean_page("\n\n".join(lines))
    assert body(report) == lines
    assert not report.removed


THAI = [
    "เทศบาลเมืองริมคลองประกาศปิดสะพานยกเป็นเวลาสามสัปดาห์ในเดือนพฤษภาคม เพื่อซ่อมมอเตอร์ตัวหนึ่งจากสองตัว",
    "ผู้ขี่จักรยานข้ามได้ที่ประตูน้ำ ส่วนรถยนต์ต้องอ้อมไปอีกสิบสองนาที",
    "ผู้ดูแลสะพานกล่าวว่าได้ถามบริษัทสี่แห่งแล้ว ไม่มีแห่งใดรับทำงานกลางคืน",
    "มอเตอร์ตัวนี้ใช้งานมาตั้งแต่ปี 1961 ค่าซ่อมทั้งหมดสองล้านบาท",
]


def test_script_without_full_stops_stays() -> None:
    """A missing full stop means nothing in a script that has none."""
    assert [squeeze(paragraph) for paragraph in body(clean_page("\n\n".join(THAI)))] == [
        squeeze(paragraph) for paragraph in THAI
    ]


def test_paragraph_about_newsletters_stays() -> None:
    """Reported speech about cookies, newsletters and subscriptions is news."""
    sentence = (
        "The regulator said that readers had been signed up to newsletters in their sleep and never asked for consent."
    )
    assert sentence in body(clean_page("\n\n".join([*REPORT[:2], sentence, *REPORT[2:]])))


def test_menu_above_the_report_goes() -> None:
    """Labels of one or two words above the report are navigation."""
    menu = ["Home", "Town", "Sport", "Opinion", "Jobs"]
    report = clean_page("\n".join([*menu, *REPORT]))
    assert body(report) == list(REPORT)
    assert removed_roles(report) == dict.fromkeys(menu, "boilerplate")


@pytest.mark.parametrize(
    "heading", ["Comments (3)", "12 comments", "Leave a comment", "Join the conversation", "COMMENTS"]
)
def test_nothing_below_the_comments_heading_is_report(heading: str) -> None:
    """Readers' comments are removed even if they are full sentences."""
    comments = [
        "canalrat",
        "I have waited at that bridge longer than I have been married, and I am not sorry about either.",
    ]
    report = clean_page("\n\n".join([*REPORT, heading, *comments]))
    assert body(report) == list(REPORT)
    assert removed_roles(report) == dict.fromkeys([heading, *comments], "boilerplate")


def test_a_comments_heading_above_the_report_cuts_nothing() -> None:
    """A link to the comments above the text is only a label."""
    assert body(clean_page("\n\n".join(["Comments (3)", *REPORT]))) == list(REPORT)


def test_repeated_paragraph_is_kept_once() -> None:
    """A pull quote prints a paragraph again; the first stays where it is."""
    report = clean_page("\n\n".join([*REPORT, REPORT[2].upper()]))
    assert body(report) == list(REPORT)
    assert [(part.kind.value, part.text) for part in report.removed] == [("repeated", REPORT[2].upper())]


def test_short_lines_may_repeat() -> None:
    """A refrain of a few words is not a paragraph printed twice."""
    lines = [REPORT[0], "Knock, knock.", REPORT[1], "Knock, knock.", *REPORT[2:]]
    assert body(clean_page("\n\n".join(lines))) == lines


def test_short_full_sentences_at_the_end_stay() -> None:
    """The report's last line may be three words long."""
    lines = [*REPORT, "Then it sank."]
    assert body(clean_page("\n\n".join(lines))) == lines


# -- title ---------------------------------------------------------------------------------------------------------

TITLE = "Olden drawbridge to stay up for three weeks"


@pytest.mark.parametrize("printed", [TITLE, TITLE.upper(), f"{TITLE}.", f"“{TITLE}”"])
def test_given_title_is_taken_off_the_page(printed: str) -> None:
    """A title repeated above the report is removed, in any case and with any punctuation."""
    report = clean_page("\n\n".join([printed, *REPORT]), title=f" {TITLE}\n")
    assert (report.title, report.title_inferred) == (TITLE, False)
    assert body(report) == list(REPORT)
    assert removed_roles(report) == {printed: "title"}


def test_given_title_is_not_looked_for_below_the_report() -> None:
    """A sentence within the report that equals the title is kept."""
    lines = [*REPORT[:3], f"{TITLE}.", REPORT[3]]
    assert body(clean_page("\n\n".join(lines), title=TITLE)) == lines


def test_missing_title_is_the_headline_above_the_report() -> None:
    """It is marked as inferred and removed from the report."""
    report = clean_page("\n\n".join([TITLE, *REPORT]))
    assert (report.title, report.title_inferred) == (TITLE, True)
    assert removed_roles(report) == {TITLE: "title"}


def test_title_is_inferred_from_the_lead() -> None:
    """Without a headline the first sentence, or a clause of it, is the title; it also stays in the report."""
    report = clean_page("\n\n".join(REPORT))
    assert report.title_inferred
    assert report.title is not None
    assert REPORT[0].startswith(f"{report.title}, ")
    assert body(report) == list(REPORT)
    short = clean_page("The ferry sank. Nobody drowned that day.")
    assert (short.title, short.title_inferred) == ("The ferry sank", True)


def test_inferred_title_has_no_dateline() -> None:
    """The title is inferred after the dateline has been cut off."""
    report = clean_page(
        "VARO (AP) — The ferry sank in the night.\n\nNobody drowned, said the harbour office on Monday."
    )
    assert report.title == "The ferry sank in the night"


# -- empty reports -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text_of_page",
    ["", " \n\n\t", "ADVERTISEMENT\n\nShare\n\nTweet", "***\n---", "We value your privacy. Accept all Reject all"],
    ids=["empty", "white space", "labels", "marks", "cookie notice"],
)
def test_page_without_a_report(text_of_page: str) -> None:
    """The report is empty, and that is not an error."""
    report = clean_page(text_of_page)
    assert (report.paragraphs, report.page_share, report.text) == ((), 0.0, "")
    assert report.title is None


def test_page_of_repeated_lines_alone_is_empty() -> None:
    """A robot check under different titles recurs on every page of the outlet, so the reports are empty."""
    check = "Checking if the connection is safe\nThis takes a few seconds and then the page opens for you."
    titles = ["Ferry sinks off Toren", "Brewery to close", "Swan returns", "Eggs dearer"]
    articles = [page(check, name=title, title=title, source="Olden Observer") for title in titles]
    table = count_recurring_lines(articles)
    for article in articles:
        report = clean(article, table, background())
        assert report.paragraphs == ()
        assert report.title == article.title
        assert {part.kind for part in report.removed} == {Role.BOILERPLATE}


def test_page_share() -> None:
    """`page_share` is the share of the page's words that belong to the report."""
    assert clean_page("\n\n".join(REPORT)).page_share == 1.0
    half = clean_page("\n\n".join([*REPORT, *HEADLINES[:8]])).page_share
    assert 0.4 < half < 0.7


def test_author_stands_in_for_a_missing_byline() -> None:
    """The author of the record is used if the page has no byline."""
    assert clean_page(REPORT[0], author="Ines Tavo").byline == "Ines Tavo"
    assert clean_page(f"By Karl Oberin\n\n{REPORT[0]}", author="Ines Tavo").byline == "Karl Oberin"


# -- properties ----------------------------------------------------------------------------------------------------

LINES = st.one_of(
    st.sampled_from(REPORT),
    st.sampled_from([f"{sentence} — Reuters" for sentence in REPORT]),
    st.sampled_from([f"PORT SELWYN (AP) — {sentence}" for sentence in REPORT]),
    st.sampled_from([f"Varo, 3 May (dpa) - {sentence} (AFP)" for sentence in REPORT]),
    st.sampled_from(HEADLINES + ON_TOPIC + ASKING),
    st.sampled_from(PROMOS + SUBHEADS + THAI + [line for lines in KEPT.values() for line in lines]),
    st.sampled_from(
        [
            "By JANE MARLOW",
            "AP",
            "Varo",
            "—",
            "Share",
            "Comments (3)",
            "Ines Tavo",
            "© 2025",
            "1 May 2025",
            TITLE,
            "VARO:",
        ]
    ),
    st.text(max_size=60),
)
SEPARATORS = st.sampled_from(["\n", "\n\n", "\n\n\n", "\r\n", " "])
PAGE_TEXT = st.lists(st.tuples(LINES, SEPARATORS), max_size=14).map(
    lambda parts: "".join(line + separator for line, separator in parts)
)


def find_unaccounted(paragraphs: list[str], report: Report) -> list[str]:
    """Return the paragraphs of a page that are neither in the body nor removed, nor split between the two."""
    # A dateline is most often part of a paragraph, and may read like another that is in the body.
    datelines = Counter(squeeze(part.text) for part in report.removed if part.kind is Role.DATELINE)
    removed_counts = Counter(squeeze(part.text) for part in report.removed) - datelines
    body_counts = Counter(squeeze(paragraph) for paragraph in body(report))
    missing_counts = Counter(squeeze(paragraph) for paragraph in paragraphs) - removed_counts
    missing_counts, body_counts = missing_counts - body_counts, body_counts - missing_counts
    names = [squeeze(part.text) for part in report.removed if part.kind is Role.CREDIT]
    dateline = squeeze(report.dateline.text) if report.dateline else ""

    def split_between(paragraph: str, remainder: str) -> bool:
        tails = [
            bare[len(remainder) :]
            for bare in (paragraph, paragraph.removeprefix(dateline))
            if bare.startswith(remainder)
        ]
        return any(not tail or tail.strip("()[]—–-.") in names for tail in tails)

    lost = []
    for paragraph in missing_counts.elements():
        remainder = next((remainder for remainder in [*body_counts, ""] if split_between(paragraph, remainder)), None)
        if remainder is None:
            lost.append(paragraph)
        else:
            body_counts -= Counter([remainder])
    return [*(Counter(lost) - datelines).elements(), *(f"invented: {part}" for part in body_counts.elements())]


@LAW
@given(PAGE_TEXT, st.sampled_from([None, TITLE, "", "Varo"]), st.sampled_from([None, "de", "zh", "th"]))
@example("VARO:\n\nVARO:\nThe drawbridge over the Olden canal will stay up for all of May.\n", None, None)
@example("By JANE MARLOW\n—\n", None, None)
def test_every_paragraph_ends_in_the_body_or_in_removed(value: str, title: str | None, language: str | None) -> None:
    """No part of a page is lost and none is invented, and cleaning never raises."""
    report = clean_page(value, title=title, language=language, source="Olden Observer")
    paragraphs = [paragraph for block in text.split_blocks(value) for paragraph in block]
    assert find_unaccounted(paragraphs, report) == []


@LAW
@given(PAGE_TEXT)
def test_every_body_sentence_occurs_in_the_page(value: str) -> None:
    """The report consists of sentences of the page, in order, and none is empty."""
    report = clean_page(value)
    position, page_chars = 0, squeeze(value)
    for sentence in report.sentences:
        position = page_chars.find(squeeze(sentence), position)
        assert position >= 0, sentence
        position += len(squeeze(sentence))
        assert sentence.strip()
    assert all(report.paragraphs)
    assert 0.0 <= report.page_share <= 1.0
    assert (report.title is None) <= (not report.paragraphs)


@LAW
@given(PAGE_TEXT)
def test_cleaning_does_not_need_the_background(value: str) -> None:
    """The properties also hold without an IDF table, when all words have the same weight."""
    report = clean(page(value))
    paragraphs = [paragraph for block in text.split_blocks(value) for paragraph in block]
    assert find_unaccounted(paragraphs, report) == []


@LAW
@given(PAGE_TEXT)
def test_cleaning_depends_on_the_article_alone(value: str) -> None:
    """The same page gives the same report."""
    assert clean_page(value) == clean_page(value)


@pytest.mark.parametrize(
    "again",
    [
        REPORT[2].replace("“", "'").replace("”", "'"),
        REPORT[2].removesuffix(" said the keeper, Pernille Aas."),
        REPORT[0].replace("will stay up", "will stay up,").replace("because ", ""),
    ],
    ids=["other quotes", "an excerpt", "a word less"],
)
def test_a_paragraph_printed_again_with_small_changes_goes(again: str) -> None:
    """A summary or a pull quote may have other quotation marks or be cut short."""
    report = clean_page("\n\n".join((*REPORT, again)))
    assert body(report) == list(REPORT)
    assert removed_roles(report) == {again: "repeated"}


def test_a_teaser_that_the_report_takes_up_goes_and_the_fuller_paragraph_stays() -> None:
    teaser = REPORT[3].split(". ")[0]
    report = clean_page("\n\n".join((REPORT[0], teaser, *REPORT[1:])))
    assert body(report) == list(REPORT)
    assert removed_roles(report) == {teaser: "repeated"}


@pytest.mark.parametrize(
    "other",
    [
        REPORT[0].replace("May", "June"),
        REPORT[3].replace("84,000", "48,000"),
        REPORT[2].replace("four firms laughed", "nobody laughed"),
    ],
    ids=["another month", "another number", "another word"],
)
def test_a_paragraph_like_another_with_a_word_of_its_own_stays(other: str) -> None:
    """Template rows differ in few words, and these words are the news."""
    assert body(clean_page("\n\n".join((*REPORT, other)))) == [*REPORT, other]


def test_rows_that_begin_alike_stay() -> None:
    rows = (
        "Salad of the keeper (½ cup tomatoes, ½ cup cucumber, ¼ cup feta).",
        "Salad of the keeper (½ cup tomatoes, ½ cup cucumber, ¼ cup feta), 1 cup of grapes, 1 roll.",
    )
    assert body(clean_page("\n\n".join((*REPORT[:3], *rows, REPORT[3])))) == [*REPORT[:3], *rows, REPORT[3]]


@pytest.mark.parametrize("line", ["Photo: Olden Press", TITLE])
def test_of_two_copies_that_in_the_report_is_kept(line: str) -> None:
    """The page prints the end of the report above its title or a credit, and then the report."""
    report = clean_page("\n\n".join((*REPORT[2:], line, *REPORT)), title=TITLE)
    assert body(report) == list(REPORT)


@pytest.mark.parametrize("teaser", [f"- {REPORT[1]}", REPORT[1].removesuffix("."), f"{REPORT[1][:-1]}, reports"])
def test_a_copy_that_is_a_list_entry_or_has_no_end_goes(teaser: str) -> None:
    report = clean_page("\n\n".join((teaser, *REPORT)))
    assert body(report) == list(REPORT)


def test_headline_that_repeats_the_title_inside_the_report_goes() -> None:
    report = clean_page("\n\n".join((*REPORT[:2], TITLE, *REPORT[2:])), title=TITLE)
    assert body(report) == list(REPORT)


@pytest.mark.parametrize(
    "above", [("• The drawbridge stays up for all of May.", "• Cyclists can cross on the lock gates."), ()]
)
def test_dateline_below_a_list_of_main_points_is_cut(above: tuple[str, ...]) -> None:
    report = clean_page("\n\n".join((*above, f"OLDEN: {REPORT[0]}", *REPORT[1:])), title="Harlow Street")
    assert report.dateline is not None
    assert (report.dateline.place, body(report)[report.summary_count :]) == ("OLDEN", list(REPORT))


def test_certain_dateline_below_a_first_sentence_is_cut() -> None:
    above = "Our readers in Harlow Street asked us about the noise at the canal this spring."
    report = clean_page("\n\n".join((above, f"OLDEN (NPA) - {REPORT[0]}", *REPORT[1:])), title="Harlow Street")
    assert body(report) == [above, *REPORT]
    report = clean_page("\n\n".join((above, f"AAS: {REPORT[0]}", *REPORT[1:])), title="Harlow Street")
    assert body(report) == [above, f"AAS: {REPORT[0]}", *REPORT[1:]]
