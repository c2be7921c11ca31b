"""Wording and patterns that many sites share, for single lines: datelines, bylines, labels, notices, captions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matching import generate_matches

from newsdedup import text
from newsdedup.clean import patterns
from newsdedup.models import Role
from newsdedup.thresholds import GALLERY_MIN_CAPTIONS, MAX_DATELINE_CHARS, MAX_LABEL_WORDS

LEAD = "The ferry sank in the night."

# Text before the lead -> (place, agency).
DATELINES: dict[str, tuple[str | None, str | None]] = {
    "VARO — ": ("VARO", None),
    "VARO – ": ("VARO", None),
    "VARO -- ": ("VARO", None),
    "VARO - ": ("VARO", None),
    "PORT SELWYN: ": ("PORT SELWYN", None),
    "VARO (AP) — ": ("VARO", "AP"),
    "VARO (Reuters) - ": ("VARO", "Reuters"),
    "VARO (NPA) — ": ("VARO", "NPA"),
    "VARO, Aug 22 (Reuters) - ": ("VARO", "Reuters"),
    "VARO, Aug. 22, 2025 (Northern Press) – ": ("VARO", "Northern Press"),
    "PORT SELWYN, Toren Islands — ": ("PORT SELWYN, Toren Islands", None),
    "PORT SELWYN, Toren Islands (AFP) — ": ("PORT SELWYN, Toren Islands", "AFP"),
    "VARO/PORT SELWYN (dpa) - ": ("VARO/PORT SELWYN", "dpa"),
    "ST. TARREL, May 3 — ": ("ST. TARREL", None),
    "Varo, 3 May (AFP) - ": ("Varo", "AFP"),
    "Varo (AFP) – ": ("Varo", "AFP"),
    "Bad Ehring (dpa) - ": ("Bad Ehring", "dpa"),
    "Varo, 3. Mai (dpa) - ": ("Varo", "dpa"),
    "Varo — ": ("Varo", None),
    "ВАРО (ТАСС) — ": ("ВАРО", "ТАСС"),
    "新华社临江4月25日电 ": ("临江", "新华社"),
    "【白浜共同】": ("白浜", "共同"),
}


@pytest.mark.parametrize(("opening", "expected"), DATELINES.items())
def test_parse_dateline(opening: str, expected: tuple[str | None, str | None]) -> None:
    """Place and agency are parsed in every format that agencies use, and nothing of the lead is cut."""
    cut = patterns.parse_dateline(opening + LEAD)
    assert cut is not None
    assert (cut.dateline.place, cut.dateline.agency) == expected
    assert cut.prefix + LEAD == opening + LEAD
    assert cut.dateline.text == opening.strip()


NO_DATELINES = [
    LEAD,
    "The ferry — an old one — sank in the night.",
    "BREAKING — The ferry sank in the night.",
    "Watch: The ferry sank in the night.",
    "LIVE: The ferry sank in the night.",
    "UPDATE — The ferry sank in the night.",
    "Ines Tavo (44) said that the ferry sank in the night.",
    "“Varo — it sank,” he said.",
    "Nobody drowned (the harbour office said) - and the cargo was saved.",
    "Prices rose in May - for the third time this year.",
    "VARO (AP) — ",
    "VARO",
    "",
]


@pytest.mark.parametrize("paragraph", NO_DATELINES)
def test_parse_dateline_returns_none(paragraph: str) -> None:
    """A label, an inserted clause or a place alone is not a dateline, so nothing is cut."""
    assert patterns.parse_dateline(paragraph) is None


SPLIT_DATELINES: dict[str, tuple[list[str], tuple[str, str | None, int] | None]] = {
    "place, agency, dash": (["Hjelm", "NPA", "—", LEAD], ("Hjelm", "NPA", 3)),
    "place and region": (["Hjelm, Upland", "AP", "–", LEAD], ("Hjelm, Upland", "AP", 3)),
    "place, dash": (["HJELM", "-", LEAD], ("HJELM", None, 2)),
    "no dash": (["Hjelm", "NPA", LEAD], None),
    "no place": ([LEAD, "NPA", "—"], None),
    "a long line": (["Hjelm And The Five Lakes Of The North", "—", LEAD], None),
    "the last line": (["Hjelm"], None),
}


@pytest.mark.parametrize(("lines", "expected"), SPLIT_DATELINES.values(), ids=SPLIT_DATELINES)
def test_parse_split_dateline(lines: list[str], expected: tuple[str, str | None, int] | None) -> None:
    """Scraping may split a dateline over several lines; only its dash distinguishes it from a name."""
    cut = patterns.parse_split_dateline(lines)
    assert (cut and (cut.dateline.place, cut.dateline.agency, cut.line_count)) == expected


BYLINES: dict[str, str | None] = {
    "By Jane Marlow": "Jane Marlow",
    "By JANE MARLOW": "JANE MARLOW",
    "BY JANE MARLOW": "JANE MARLOW",
    "By: Jane Marlow": "Jane Marlow",
    "By Jane Marlow and John Rowe": "Jane Marlow and John Rowe",
    "By Jane Marlow, John Rowe and Ida Moss": "Jane Marlow, John Rowe and Ida Moss",
    "By Jane Marlow, Staff Writer": "Jane Marlow, Staff Writer",
    "By Jane Marlow in Varo": "Jane Marlow in Varo",
    "By Jane O’Dell": "Jane O’Dell",
    "Von Jana Moor": "Jana Moor",
    "Por Juana Mar": "Juana Mar",
    "Par Jeanne Marin": "Jeanne Marin",
    "Jane Marlow, City Desk": "Jane Marlow",
    "Jane Marlow, Science Correspondent": "Jane Marlow",
    "By Friday the ferry was afloat again.": None,
    "By Monday evening nobody had paid": None,
    "By selling the boats the town raised 4,000.": None,
    "Jane Marlow": None,
    "Jane Marlow, 44, of Varo": None,
    "Por la noche llegaron los bomberos": None,
    "Byways of Varo": None,
    "": None,
}


@pytest.mark.parametrize(("line", "expected"), BYLINES.items(), ids=[line or "empty" for line in BYLINES])
def test_parse_byline(line: str, expected: str | None) -> None:
    """Names after `By` in several languages; a sentence that begins with `By` is not a byline."""
    assert patterns.parse_byline(line) == expected


ROLES: dict[str, Role | None] = {
    # labels and bars
    "Share": Role.BOILERPLATE,
    "ADVERTISEMENT": Role.BOILERPLATE,
    "Related stories": Role.BOILERPLATE,
    "Most read": Role.BOILERPLATE,
    "More from Politics": Role.BOILERPLATE,
    "Facebook | X | WhatsApp | Copy link": Role.BOILERPLATE,
    "Home › News › World › Islands": Role.BOILERPLATE,
    "* * *": Role.BOILERPLATE,
    "—": Role.BOILERPLATE,
    "Werbung": Role.BOILERPLATE,
    # notices
    "© 2025 Olden Observer": Role.BOILERPLATE,
    "All rights reserved.": Role.BOILERPLATE,
    "We use cookies to improve this website. By continuing you accept our privacy policy.": Role.BOILERPLATE,
    "Sign up for our newsletter and get the morning briefing.": Role.BOILERPLATE,
    "Follow us on Telegram": Role.BOILERPLATE,
    "Please enable JavaScript to read on.": Role.BOILERPLATE,
    "This article has been updated.": Role.BOILERPLATE,
    "Correction: an earlier version of this report gave another age.": Role.BOILERPLATE,
    "This article may not be reproduced without permission.": Role.BOILERPLATE,
    # promos
    "READ MORE: Rail fares to rise": Role.PROMO,
    "Read also: The man who collects signals": Role.PROMO,
    "Watch: Ferry sinks off Toren": Role.PROMO,
    "Lesen Sie auch: Fähre gesunken": Role.PROMO,
    "Читайте также: Паром затонул": Role.PROMO,
    "相关阅读：轮渡沉没": Role.PROMO,
    # captions
    "Divers prepare to descend off Cape Toren. (Kim Aldous/AP)": Role.CAPTION,
    "The bridge in May. Photograph: Kim Aldous": Role.CAPTION,
    "FILE PHOTO: The ferry at its berth in 2021": Role.CAPTION,
    "The ferry at its berth. [File: Kim Aldous/Reuters]": Role.CAPTION,
    # credits
    "AP": Role.CREDIT,
    "(Reuters)": Role.CREDIT,
    "Reuters/AFP": Role.CREDIT,
    "Source: Xinhua": Role.CREDIT,
    "(Reporting by Mira Tolland; Editing by Sam Orrin)": Role.CREDIT,
    "With input from agencies": Role.CREDIT,
    "Ida Moss contributed to this report.": Role.CREDIT,
    # the report
    LEAD: None,
    "Share prices fell by a third on Monday.": None,
    "Home owners will pay more from July.": None,
    "Reuters is to cut 40 jobs in Varo.": None,
    "The minister said that readers should subscribe to the alerts today.": None,
    "“Sign up for the newsletter,” the mayor joked, “and you will get your water back.”": None,
    "According to the regulator, this site must ask for consent before it sets cookies.": None,
    "Read aloud, the letter took an hour.": None,
    "Watch the tide, the keeper told them.": None,
    "Nobody was hurt.": None,
    "Comments by the minister were met with laughter.": None,
    "Trending upwards since May, prices reached 4.10.": None,
}


@pytest.mark.parametrize(("line", "expected"), ROLES.items())
def test_match_role(line: str, expected: Role | None) -> None:
    """Labels, notices, promos, captions and credits are recognised by their wording; text of the report is not."""
    assert patterns.match_role(line) == expected


def test_a_long_paragraph_is_no_notice() -> None:
    """A report about cookies may use every word of a cookie notice."""
    notice = "We use cookies to improve this website, and by continuing to browse you agree to our privacy policy"
    assert patterns.match_role(notice) is Role.BOILERPLATE
    assert patterns.match_role(f"{notice}; so it says on half of the pages of the county, {LEAD} " * 3) is None


DATES = {
    "1 May 2025": True,
    "Published: 1 May 2025, 10:30 am": True,
    "Updated 3 hours ago": True,
    "Mon, May 5 2025 | 4 min read": True,
    "2025-05-01": True,
    "Monday": False,
    "In May 2025 the ferry sank": False,
    "12 people drowned": False,
}


@pytest.mark.parametrize(("line", "expected"), DATES.items())
def test_is_date(line: str, expected: bool) -> None:
    """A line that is only a date, and not one that says what happened then."""
    assert patterns.is_date(line) is expected


COMMENTS = {
    "Comments": True,
    "Comments (3)": True,
    "12 comments": True,
    "COMMENTS:": True,
    "Leave a reply": True,
    "Join the conversation": True,
    "Комментарии": True,
    "Comments by the minister": False,
    "No comment": False,
    "The comments were harsh.": False,
}


@pytest.mark.parametrize(("line", "expected"), COMMENTS.items())
def test_is_comments_heading(line: str, expected: bool) -> None:
    """Only a line that is just the heading counts, because everything below it is removed."""
    assert patterns.is_comments_heading(line) is expected


BIOS = {
    "Mara Linden is a reporter for the Ridge Review.": True,
    "Mara Linden covers mountain towns and is the author of two books.": True,
    "Dr. Mara Linden is a fellow at the institute of glaciers.": True,
    "Mara Linden was rescued from the lift by two skiers.": False,
    "The reporter was rescued from the lift.": False,
}


@pytest.mark.parametrize(("line", "expected"), BIOS.items())
def test_is_bio(line: str, expected: bool) -> None:
    """A line that introduces the writer, and not one about a person in the news."""
    assert patterns.is_bio(line) is expected


SHAPES = [
    (patterns.is_list_item, "- Lock gates: 3 to 21 March", True),
    (patterns.is_list_item, "• Lock gates", True),
    (patterns.is_list_item, "3. A comet", True),
    (patterns.is_list_item, "3.4 percent", False),
    (patterns.is_list_item, LEAD, False),
    (patterns.is_table_row, "Motor 1 | 1961 | 40 kW", True),
    (patterns.is_table_row, "Olden 3 Varo 1", True),
    (patterns.is_table_row, "Airport counts 40,000 more passengers than last year", False),
    (patterns.is_title_case, "Swan Holds Up Traffic on Ring Road", True),
    (patterns.is_title_case, "Swan holds up traffic on ring road", False),
    (patterns.is_title_case, "Ring Road", False),
    (patterns.is_gallery, "Photo 1 of 3 The ferry. Photo 2 of 3 The wreck.", True),
    (patterns.is_gallery, "The photo shows 3 of 4 boats.", False),
    (patterns.is_signature, "(Ida Moss)", True),
    (patterns.is_signature, "IM/KO", True),
    (patterns.is_signature, "the ferry sank", False),
    (patterns.is_signature, "", False),
]


@pytest.mark.parametrize(
    ("tell", "line", "expected"), SHAPES, ids=[f"{tell.__name__}: {line}" for tell, line, _ in SHAPES]
)
def test_shape(tell: object, line: str, expected: bool) -> None:
    """The predicates that decide in doubtful cases."""
    assert callable(tell)
    assert tell(line) is expected


TRAILING = {
    f"{LEAD} — Reuters": (LEAD, "Reuters"),
    f"{LEAD} (AP)": (LEAD, "AP"),
    f"{LEAD} AFP/Reuters": (LEAD, "AFP/Reuters"),
    "“It sank.” — AP": ("“It sank.”", "AP"),
    "He spoke to the AP.": None,
    f"{LEAD} He spoke to Reuters": None,
    LEAD: None,
}


@pytest.mark.parametrize(("paragraph", "expected"), TRAILING.items())
def test_split_trailing_credit(paragraph: str, expected: tuple[str, str] | None) -> None:
    """An agency after the last full stop is a credit; one mentioned in the sentence is not."""
    assert patterns.split_trailing_credit(paragraph) == expected


def test_strip_list_marker() -> None:
    """Only the marker is removed."""
    assert patterns.strip_list_marker("3. A comet to look out for") == "A comet to look out for"
    assert patterns.strip_list_marker("A comet, 3. try") == "A comet, 3. try"


@settings(max_examples=200)
@given(
    st.one_of(st.text(max_size=80), st.lists(st.sampled_from([*DATELINES, *ROLES, "(", ")", "/", "AP "])).map("".join))
)
def test_any_line_is_accepted(line: str) -> None:
    """No function raises for any line, and a dateline is always a prefix of the line."""
    patterns.match_role(line)
    patterns.parse_byline(line)
    patterns.is_date(line)
    patterns.is_bio(line)
    patterns.is_comments_heading(line)
    patterns.is_title_case(line)
    patterns.is_signature(line)
    if cut := patterns.parse_dateline(line):
        assert line.startswith(cut.prefix)
        assert len(cut.prefix) < len(line)
        assert len(cut.prefix) <= MAX_DATELINE_CHARS
    if credit := patterns.split_trailing_credit(line):
        assert line.startswith(credit[0])
        assert credit[1] in line[len(credit[0]) :]


# -- hints ---------------------------------------------------------------------------------------------------------

# The pattern of each section of the lexicon and of each shape that a hint is for.
HINTED = {
    **{section: patterns.section_pattern(section) for section in patterns.FRAMES},
    "gallery": patterns._GALLERY,
    "video entry": patterns._VIDEO_ENTRY,
    "player": re.compile(f"{patterns._WATCHED.pattern}.*{patterns._PLAYER.pattern}"),
    "markup": re.compile(patterns._FIRST_TAG.pattern + r".*</?\w+[^>]*>", re.IGNORECASE),
    **{name: re.compile(pattern) for name, pattern in patterns._SHAPE_PATTERNS.items()},
}


def test_every_hint_has_a_pattern_here() -> None:
    """A pattern that is not in the table above would not be tested."""
    assert HINTED.keys() == patterns.HINTS.keys()


@pytest.mark.parametrize("name", HINTED)
def test_hints_cover_every_pattern(name: str) -> None:
    """The hints are computed first, so they must never exclude a pattern that matches."""
    pattern = HINTED[name]
    is_anywhere = not pattern.pattern.startswith("^")
    checked = 0
    for i, candidate in enumerate(generate_matches(pattern, 800)):
        before = ("", "Word ", "(a) ", "“x ", "é, ")[i % 5] if is_anywhere else ""
        line = text.normalise_whitespace(
            before + " ".join([candidate] * (GALLERY_MIN_CAPTIONS if name == "gallery" else 1))
        )
        if name == "gallery" and not patterns.is_gallery(line):
            continue
        if line and len(line.split()) <= MAX_LABEL_WORDS and pattern.search(line):
            checked += 1
            assert patterns.find_hints(line) & patterns.HINTS[name], line
    assert checked > 40


@pytest.mark.parametrize("pattern", [*HINTED.values(), patterns._PERCENT_ENCODED], ids=[*HINTED, "percent-encoded"])
def test_hints_change_no_role(pattern: re.Pattern[str]) -> None:
    """A line gets the same role with hints as with all patterns tried, even if it is longer than a notice."""
    for i, candidate in enumerate(generate_matches(pattern, 400)):
        line = text.normalise_whitespace(
            ("", "Of the ", "She said: ")[i % 3] + candidate * (1 + i % 2) + " and so it was" * (i % 4 * 8)
        )
        if line:
            assert patterns.match_role(line) == patterns.match_role(line, patterns.ALL_HINTS), line


PIECES = st.sampled_from(
    [
        *ROLES,
        *DATELINES,
        "é",
        "•",
        "»",
        "ſign up",
        "Kontakt",
        "ı",
        "© ",
        " of ",
        "caption",
        "photo",
        "1 of 2",
        "/",
        "|",
        " ago",
    ]
)


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=12).map(" ".join), st.lists(PIECES).map("".join)))
def test_hints_change_no_role_of_odd_lines(line: str) -> None:
    """The same for random lines."""
    if folded := text.normalise_whitespace(line):
        assert patterns.match_role(folded) == patterns.match_role(folded, patterns.ALL_HINTS)
