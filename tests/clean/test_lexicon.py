"""The cleaning lexicon: its format, what is generated from it, and that each of its phrases is of use."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from matching import generate_matches

from newsdedup import text
from newsdedup.clean import patterns
from newsdedup.clean.lexicon import Phrase, load_lexicon, parse_lexicon
from newsdedup.clean.line_features import compute_line_features
from newsdedup.clean.line_hints import Follow, LineHints
from newsdedup.clean.phrases import find_clauses, join_by_first_letter, parse_phrase, to_pattern
from newsdedup.errors import LexiconError
from newsdedup.hashing import Vocabulary
from newsdedup.models import Role
from untidy_pages import ROOT, SHARED

SECTIONS = [*patterns.FRAMES, *patterns._OTHER_SECTIONS, *patterns._EDGE_FRAMES]
LEXICON = load_lexicon(SECTIONS)
ROLES = {name: rule.role for rule in patterns._RULES for name, hint in patterns.HINTS.items() if hint == rule.hint}
PHRASES = [(section, phrase) for section in ROLES if section in LEXICON for phrase in LEXICON[section]]


# -- the file -------------------------------------------------------------------------------------------------------

BROKEN = {
    "an unknown section": ("[labels]\nen share", "lexicon.txt:1: [labels] is not a known section"),
    "a section again": ("[label]\nen share\n[label]", "lexicon.txt:3: [label] is repeated"),
    "no section": ("# labels\n\nen share", "lexicon.txt:3: a phrase needs a [section] above it"),
    "no language": ("[label]\nshare this", "lexicon.txt:2: 'share this' does not begin with a language"),
    "no phrase": ("[label]\nen", "lexicon.txt:2: 'en' does not begin with a language"),
    "a phrase again": ("[label]\nen share\n*  share", "lexicon.txt:3: 'share' is already in this section"),
    "an open bracket": ("[label]\nen share[ this", "lexicon.txt:2: 'share[ this': ']' is missing"),
    "a closed bracket": ("[label]\nen share)", "lexicon.txt:2: 'share)': ')' closes or separates nothing"),
    "the wrong bracket": ("[label]\nen (a|b]", "lexicon.txt:2: '(a|b]': ']' closes or separates nothing"),
    "a bar alone": ("[label]\nen a|b", "lexicon.txt:2: 'a|b': '|' closes or separates nothing"),
    "an empty alternative": ("[label]\nen (a|)", "lexicon.txt:2: '(a|)': the phrase or an alternative of it is empty"),
    "an unbounded gap": ("[label]\nen a…b", "lexicon.txt:2: 'a…b': … needs bounds"),
    "bounds the wrong way": ("[label]\nen a…{9,2}b", "lexicon.txt:2: 'a…{9,2}b': … needs bounds"),
    "an unknown placeholder": ("[label]\nen <thing>", "lexicon.txt:2: '<thing>': <thing> is not a placeholder"),
    "a brace": ("[label]\nen a{2}", "lexicon.txt:2: 'a{2}': '{' is not literal without a \\ before it"),
    "marks inside": ("[label]\nen a<marks>b", "lexicon.txt:2: 'a<marks>b': <marks> stands at the start"),
    "marks in a group": ("[label]\nen a[<marks>b]", "lexicon.txt:2: 'a[<marks>b]': <marks> stands at the start"),
    "an empty section": ("[label]\n# en share", "lexicon.txt: [label] is missing or empty"),
    "nothing": ("", "lexicon.txt: [label] is missing or empty"),
}


@pytest.mark.parametrize(("lexicon", "message"), BROKEN.values(), ids=BROKEN)
def test_a_malformed_line_is_named(lexicon: str, message: str) -> None:
    """Who adds a phrase learns where it is wrong, and why."""
    with pytest.raises(LexiconError) as raised:
        parse_lexicon(lexicon, "lexicon.txt", ["label"])
    assert str(raised.value).startswith(message)


def test_a_phrase_without_a_clear_boundary_is_named() -> None:
    """A word boundary after some alternatives and not after others has no regular expression."""
    lexicon = parse_lexicon("[notice]\nen already (registered\\?|a subscriber)", "lexicon.txt", ["notice"])
    with pytest.raises(LexiconError, match=r"^lexicon\.txt:2: only some of the alternatives"):
        patterns.frame_phrases(patterns.FRAMES["notice"], lexicon["notice"])


def test_phrases_are_read_in_order() -> None:
    """Comments and blank lines are skipped, and a phrase keeps its place."""
    lexicon = parse_lexicon("# top\n[label]\nen share\n\n  # more\n*  x  \n", "lexicon.txt", ["label"])
    assert [(p.text, p.language, p.location) for p in lexicon["label"]] == [
        ("share", "en", "lexicon.txt:3"),
        ("x", "*", "lexicon.txt:6"),
    ]


# -- the notation ---------------------------------------------------------------------------------------------------

NOTATION = {
    "a.b": (["a.b"], ["axb"]),
    "share[ this[ article| story]]": (["share", "share this", "share this story"], ["share article", "sharethis"]),
    "sign (in|up)": (["sign in", "sign up"], ["sign ", "sign off"]),
    "log[ ]in": (["log in", "login"], ["log  in"]),
    "more …{2,4}": (["more ab", "more abcd"], ["more a", "more abcde"]),
    "news…{0,3}sign": (["news sign", "news, sign"], ["newssign", "news insign"]),
    "sign*…{0,4}news": (["signs news", "signing news"], ["signing up news"]),
    "news…{0,9}*app": (["news whatsapp"], ["news apps"]),
    "<word> <digits>": (["abc 12"], ["a-c 12", "abc x"]),
    "<token> <year>": (["a-c 1999"], ["a c 1999", "a-c 199"]),
    "note[ ]<bracket>:": (["note (x y):", "note(x):"], ["note:", "note ((x)):"]),
    "by <name>{2,6}": (["by A. B’c"], ["by a", "by a, b"]),
    "\\(c\\)": (["(c)"], ["c"]),
    "<marks>©": (["©", "-- ©"], ["a ©"]),
    "<words>{0,2}site": (["site", "new web site"], ["a new web site"]),
}


@pytest.mark.parametrize("phrase", NOTATION)
def test_notation(phrase: str) -> None:
    """A phrase matches what the top of the file says."""
    pattern = re.compile(to_pattern(parse_phrase(phrase), starts_word=True, ends_word=True))
    matched, unmatched = NOTATION[phrase]
    assert [line for line in matched if not pattern.fullmatch(line)] == []
    assert [line for line in unmatched if pattern.fullmatch(line)] == []


CLAUSES = {
    "share": [["share"]],
    "sign[ing] up": [["sign up", "signing up"]],
    "(we|this [web]site)…{0,60}cookie[s]": [["we", "this site", "this website"], ["cookie", "cookies"]],
    "with [<word> ](wires|agencies)": [["with "], ["wires", "agencies"]],
    "<digits> comments[ to …{0,9}]": [["\0 comments"]],
}


@pytest.mark.parametrize("phrase", CLAUSES)
def test_clauses(phrase: str) -> None:
    """Every match contains one of the texts of each clause."""
    clauses = find_clauses(parse_phrase(phrase), starts_word=True, ends_word=True)
    assert [[expansion.text for expansion in clause.expansions] for clause in clauses] == CLAUSES[phrase]


def index_phrase(phrase: str, *, at_start: bool = False, follow: Follow = Follow.BOUNDARY) -> LineHints:
    """Return the index of one phrase."""
    index = LineHints()
    index.add(1, Phrase(phrase, "en", "here", parse_phrase(phrase)), at_start=at_start, follow=follow)
    index.finish()
    return index


def test_index_takes_what_every_match_has() -> None:
    """The first words where a phrase opens a line, else the rarest word, else a substring, else every line."""
    assert index_phrase("share[ this]", at_start=True).first_words == {"share": {None: 1, "this": 1}}
    assert index_phrase("share[ this]", at_start=True, follow=Follow.END).first_words == {
        "share": {"": 1, "this": 1, None: 0}
    }
    assert index_phrase("\\([<word> ]with …{2,9}", at_start=True).first_marks == {"(": 1}
    assert set(index_phrase("(readers|people) who subscribe").words) == {"subscribe"}
    assert set(index_phrase("reportage*").substrings) == {"reportage"}
    assert index_phrase("<word> <digits>", at_start=True).always == 1
    cyrillic = index_phrase("читайте", at_start=True)
    assert [cyrillic.first_words, cyrillic.words, cyrillic.substrings, cyrillic.always] == [{}, {}, {}, 0]


def test_a_phrase_that_says_nothing_asks_every_line() -> None:
    """No line is ruled out if a phrase has no letters, and the phrase still is one."""
    index = index_phrase("<word> <digits>", at_start=True)
    assert index.find("Any line", ["any", "line"]) == 1


# -- the phrases ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("section", "phrase"), PHRASES, ids=[f"{section}: {p.text}" for section, p in PHRASES])
def test_every_phrase_gives_its_role(section: str, phrase: Phrase) -> None:
    """A phrase that no line can get to is dead, and one that other rules are before is in the wrong section.

    The hint of its section alone must be enough, and the line as such must get the same role.
    """
    frame, role = patterns.FRAMES[section], ROLES[section]
    before = "" if frame.at_start else "The ferry, "
    lines = [before + line for line in examples(patterns.frame_phrases(frame, [phrase]))]
    matched = [line for line in lines if patterns.match_role(line, patterns.HINTS[section]) is role]
    assert all(patterns.find_hints(line) & patterns.HINTS[section] for line in matched)
    assert any(patterns.match_role(line) is role for line in matched)


def examples(pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield lines that `pattern` matches, apart from a space before them."""
    lines = (text.normalise_whitespace(match) for match in generate_matches(pattern, 60))
    return (line for line in lines if line and pattern.search(f" {line}" if pattern.pattern[0] != "^" else line))


@pytest.mark.parametrize("phrase", LEXICON["comments heading"], ids=lambda phrase: phrase.text)
def test_every_heading_of_comments_is_one(phrase: Phrase) -> None:
    """And the hint for it is set."""
    lines = [*examples(patterns.frame_phrases(patterns.FRAMES["comments heading"], [phrase]))]
    assert lines
    assert all(patterns.is_comments_heading(line) for line in lines)
    assert all(patterns.find_hints(line) & patterns.COMMENTS_HINT for line in lines)


def test_phrases_of_other_patterns_are_used() -> None:
    """Bylines, reported speech, agencies in brackets and labels before a colon."""
    for phrase in LEXICON["byline"]:
        assert patterns.parse_byline(f"{phrase.text} Jane Marlow") == "Jane Marlow"
    notice = "Please log in to read on"
    assert patterns.match_role(notice) is Role.BOILERPLATE
    for line in examples(re.compile("|".join(phrase.to_pattern() for phrase in LEXICON["reported speech"]))):
        assert patterns.match_role(f"{notice}, she {line}") is None
    for phrase in LEXICON["photo agency in brackets"]:
        assert patterns.match_role(f"The ferry at its berth. (k. aldous/{phrase.text})") is Role.CAPTION
    for phrase in LEXICON["not a place"]:
        assert patterns.parse_dateline(f"{phrase.text.upper()}: The ferry sank in the night.") is None


def test_a_new_phrase_needs_one_line() -> None:
    """The pattern, the index and the index as arrays all follow from the file."""
    phrase = parse_lexicon("[label]\nen ferry mode", "lexicon.txt", ["label"])["label"][0]
    frame = patterns.FRAMES["label"]
    assert patterns.frame_phrases(frame, [phrase]).match("Ferry mode:")
    index = index_phrase("ferry mode", at_start=frame.at_start, follow=frame.follow)
    assert index.find("Ferry mode:", ["ferry", "mode"]) == 1


def test_the_file_is_in_one_order_of_characters() -> None:
    """Lines are in NFC, so phrases must be too; a phrase in another form is read as if it were."""
    file = ROOT / "src" / "newsdedup" / "data" / "lexicon.txt"
    assert file.read_text(encoding="utf-8").isprintable() is False  # line ends only
    assert "\t" not in file.read_text(encoding="utf-8")
    assert all(
        phrase.text == text.normalise_whitespace(phrase.text) for phrases in LEXICON.values() for phrase in phrases
    )


OPENING_SECTIONS = [name for name, frame in patterns.FRAMES.items() if frame.before and frame.flags & re.IGNORECASE]


@pytest.mark.parametrize("section", OPENING_SECTIONS)
def test_alternatives_by_first_letter_match_the_same(section: str) -> None:
    """In either case of the letters, each phrase is matched as it is without the order by letters."""
    plain = re.compile("|".join(phrase.to_pattern() for phrase in LEXICON[section]), re.IGNORECASE)
    by_letter = re.compile(join_by_first_letter([phrase.nodes for phrase in LEXICON[section]]), re.IGNORECASE)
    lines = [form for line in generate_matches(plain, 300) for form in (line.lower(), line.upper(), line)]
    assert lines
    assert all((plain.match(line) is None) == (by_letter.match(line) is None) for line in lines)


# -- the prefilter --------------------------------------------------------------------------------------------------


def lines_of(paths: list[Path]) -> list[str]:
    """Return the distinct lines of files, as paragraphs are folded."""
    lines = (line for path in paths for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
    return [line for line in dict.fromkeys(map(text.normalise_whitespace, lines)) if line]


CORPORA = {
    "seeds": [*sorted(ROOT.joinpath("seeds").glob("*.*")), *sorted(ROOT.joinpath("tests").rglob("*.py"))],
    "documents": sorted(ROOT.rglob("docs/*.md")),
}


@pytest.mark.parametrize("corpus", CORPORA)
def test_the_prefilter_loses_nothing(corpus: str) -> None:
    """Every line gets the role that it gets if every pattern is tried, one by one and in a batch."""
    check_prefilter(lines_of(CORPORA[corpus]))


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.joinpath("gold").is_dir(), reason="../shared/gold is not there: the pages are not ours")
def test_the_prefilter_loses_nothing_of_real_pages() -> None:
    """The same for scraped pages."""
    pages = (SHARED / "gold" / "web2025.jsonl").read_text(encoding="utf-8").splitlines()
    check_prefilter([*dict.fromkeys(line for page in pages for line in split_lines(page))])


def split_lines(page: str) -> Iterator[str]:
    """Yield the lines of a page's text, as the loader reads them."""
    return (line for block in text.split_blocks(json.loads(page)["text"]) for line in block)


def check_prefilter(lines: list[str]) -> None:
    """Check that no role of `lines` depends on the hints, and that a batch has the same hints."""
    assert len(lines) > 100
    hints = compute_line_features(lines, Vocabulary(1 << 6)).hints
    assert hints == list(map(patterns.find_hints, lines))
    for line, line_hints in zip(lines, hints, strict=True):
        assert patterns.match_role(line, line_hints) == patterns.match_role(line, patterns.ALL_HINTS), line
    assert sum(line_hints == 0 for line_hints in hints) > len(lines) / 4


ADVERSE = [
    "https://a" * 3000 + " b",
    "share " * 5000 + "b",
    "we " * 5000,
    "about " + "a " * 5000,
    "sign up " * 2000,
    "- " * 5000 + "b",
    "12 hours " * 2000,
    "correction " + "(" * 5000,
    "published " + "12: " * 5000 + "b",
    "updated " + "3 may 2025 " * 3000 + "b",
    "1.5x 3 min " * 3000 + "b",
    "facebook" + "copy" * 5000 + "b",
    ".pic.twitter.com/x " * 1000 + "b",
    "a  /   •  - | c • d · / " * 800 + "b!",
    "share this" + ". " * 5000 + "b",
]


@pytest.mark.parametrize("line", ADVERSE, ids=[line[:8] for line in ADVERSE])
def test_no_pattern_backtracks_without_end(line: str) -> None:
    """Gaps are bounded, so the time grows with the line and not with the ways to divide it."""
    started = time.process_time()
    for section, frame in patterns.FRAMES.items():
        pattern = patterns.section_pattern(section)
        (pattern.match if frame.at_start else pattern.search)(line)
    for shape in patterns._SHAPE_PATTERNS.values():
        re.compile(shape).match(line)
    assert time.process_time() - started < 2
