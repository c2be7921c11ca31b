"""Pure text functions: words, sentences, paragraphs, numbers, capitalised tokens, dates; and that no text is lost."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise, permutations
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsdedup import text

LAW = settings(max_examples=100)

# Strings that the functions treat specially: line breaks, marks, quotes, scripts, digits.
PIECES = st.sampled_from(
    [
        "\n",
        "\n\n",
        "\n\n\n",
        "\r\n",
        "\r",
        "\u2028",
        "\x0b",
        "\t",
        "  ",
        " ",
        "\u00a0",
        "\u3000",
        ". ",
        "? ",
        "。",
        "।",
        "”",
        "’s",
        "U.S.",
        "3.4",
        "62 122",
        "AI",
        "技术",
        "ไทย",
        "की",
        "é",
        "e\u0301",
        "Mayor",
        "the harbour",
        "Monday",
        ":",
        "—",
        "•",
    ]
)
FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")
ANY_TEXT = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=40).map("".join))


def visible_chars(value: str) -> list[str]:
    """Return the characters of `value` in NFC other than white space, which must survive any splitting."""
    return [char for char in unicodedata.normalize("NFC", value) if not char.isspace()]


# -- against the plain definitions -----------------------------------------------------------------------------------

ODD = st.lists(
    st.sampled_from(
        [
            *"'`’‘“”–—….,/:'\"-_ \n\taAbZ39£€",
            "U.S.",
            " A.P.",
            "3rd",
            "62,122",
            "12:30",
            "x.y.z",
            "1.a.b.",
            "a.b",
            "\n\n",
            "\x1c",
            "é",
            "e\u0301",
            "技术",
            "ไทย",
            "ﬁ",
            "\ud800",
            "\udc00",
            "ſ",
            "İ",
            "ß",
            "\x00",
            "Inc.",
            "No.",
            " said.",
            "? ",
            "½",
            "١٢",
        ]
    ),
    max_size=40,
).map("".join)


def split_words_plainly(value: str) -> list[str]:
    """Return the result of `split_words`, with one pattern for all scripts."""
    initials = re.compile(r"\b(?:[^\W\d_]\.){2,}")
    folded = initials.sub(lambda found: found[0].replace(".", ""), unicodedata.normalize("NFKC", value))
    words: list[str] = []
    for word in text.compile_once(text._WORD).findall(folded.translate(text._APOSTROPHES).casefold()):
        unspaced = len(word) > 1 and text.compile_once(text._UNSPACED_CHAR).match(word)
        words.extend([a + b for a, b in pairwise(word)] if unspaced else [word])
    return words


@settings(LAW, max_examples=500)
@given(st.one_of(ODD, ANY_TEXT, st.text(st.characters(max_codepoint=127), max_size=40)))
def test_split_words_equals_the_plain_definition(value: str) -> None:
    """The fast paths give the same words as the general one."""
    assert text.split_words(value) == split_words_plainly(value)


@settings(LAW, max_examples=500)
@given(st.one_of(ODD, ANY_TEXT))
def test_whitespace_and_sentence_ends_equal_the_plain_definition(value: str) -> None:
    """White space and sentence ends, each compared with a single expression."""
    assert text.normalise_whitespace(value) == " ".join(unicodedata.normalize("NFC", value).split())
    bare = value.rstrip().rstrip(text._CLOSERS).rstrip()
    ends = bare.endswith(tuple(text._TERMINALS)) and not text._ABBREVIATION_END.search(bare)
    assert text.ends_sentence(value) is bool(ends)


# -- words ---------------------------------------------------------------------------------------------------------

WORDS = {
    "case and marks": ("The MAYOR, however: “No!”", ["the", "mayor", "however", "no"]),
    "hyphens part": ("ice-free ports", ["ice", "free", "ports"]),
    "dotted initials are one word": ("U.S. and U.N. talks at 9 a.m.", ["us", "and", "un", "talks", "at", "9", "am"]),
    "dotted initials with a possessive": ("the U.S.’s ports", ["the", "us's", "ports"]),
    "Cyrillic initials": ("А.С. Орлов", ["ас", "орлов"]),
    "an abbreviation with one dot": ("Gov. Dale", ["gov", "dale"]),
    "compatibility forms": ("ﬁne Ｐｏｒｔ ５", ["fine", "port", "5"]),
    "composed and decomposed": ("cafe\u0301", ["café"]),
    "full case folding": ("STRASSE Straße", ["strasse", "strasse"]),
    "curly apostrophe": ("Moss’s don’t", ["moss's", "don't"]),
    "modifier and backtick apostrophes": ("donʼt don`t", ["don't", "don't"]),
    "quotes are no apostrophes": ("‘quoted’ 'words'", ["quoted", "words"]),
    "inner separators of numbers": (
        "62,122 at 3.4% by 10:30 on 1/16",
        ["62,122", "at", "3.4", "by", "10:30", "on", "1/16"],
    ),
    "a full stop after a number": ("It cost 40. Then", ["it", "cost", "40", "then"]),
    "digits part from letters": ("2.5m 10th", ["2.5", "m", "10", "th"]),
    "Chinese in pairs": ("山城索道", ["山城", "城索", "索道"]),
    "a lone Chinese character": ("山", ["山"]),
    "Chinese marks part the runs": ("山城，索道。", ["山城", "索道"]),
    "Chinese with a date": ("4月25日电", ["4", "月", "25", "日电"]),
    "kana and Han": ("ソウル駅", ["ソウ", "ウル", "ル駅"]),
    "Thai keeps its vowel marks": ("น้ำ", ["น้", "้ํ", "ํา"]),
    "Lao, Khmer and Myanmar": ("ລາວ ខ្មែរ", ["ລາ", "າວ", "ខ្", "្ម", "មែ", "ែរ"]),
    "Korean has spaces": ("서울 시장", ["서울", "시장"]),
    "Hindi marks stay in their word": ("हिन्दी में", ["हिन्दी", "में"]),
    "Arabic marks stay in their word": ("مُدِير الميناء", ["مُدِير", "الميناء"]),
    "Hebrew points stay in their word": ("שָׁלוֹם", ["שָׁלוֹם"]),
    "Latin before Chinese": ("AI技术发展", ["ai", "技术", "术发", "发展"]),
    "Latin after Chinese": ("发展AI技术", ["发展", "ai", "技术"]),
    "Korean before Han": ("한국漢字", ["한국", "漢字"]),
    "half-width kana are kana": ("ｿｳﾙ", ["ソウ", "ウル"]),
    "underscore is no letter": ("snow_line", ["snow", "line"]),
    "nothing but marks": ("— … !?", []),
    "empty": ("", []),
}


@pytest.mark.parametrize(("given_text", "expected"), WORDS.values(), ids=WORDS)
def test_split_words(given_text: str, expected: list[str]) -> None:
    """Each script is split into the words that readers would compare."""
    assert text.split_words(given_text) == [unicodedata.normalize("NFKC", word) for word in expected]


@LAW
@given(ANY_TEXT)
@example("ｱｲｳ")
@example("İ I ı")
def test_words_do_not_depend_on_the_unicode_form(value: str) -> None:
    """Composed, decomposed and compatibility forms of a text have the same words."""
    for form in FORMS:
        assert text.split_words(unicodedata.normalize(form, value)) == text.split_words(value)


@LAW
@given(ANY_TEXT, ANY_TEXT)
def test_words_never_cross_a_line_end(one: str, other: str) -> None:
    """No word crosses a line end, so texts can be joined and split at line ends."""
    assert text.split_words(f"{one}\n{other}") == [*text.split_words(one), *text.split_words(other)]


def test_normalise_text_joins_the_words_of_all_pieces() -> None:
    """Texts that differ only in case and punctuation have the same normal form; other texts do not."""
    assert text.normalise_text(["“Go home,” he said.", "Now!"]) == "go home he said now"
    assert text.normalise_text(["GO HOME", "he said — now"]) == "go home he said now"
    assert text.normalise_text(["go home"]) != text.normalise_text(["gone home"])


# -- stems ---------------------------------------------------------------------------------------------------------

SAME_STEM = {
    "verb endings": ["pledge", "pledges", "pledged", "pledging"],
    "plural": ["company", "companies"],
    "plural in s": ["harbour", "harbours", "harbor", "harbors"],
    "possessive": ["minister", "minister's", "ministers"],
    "possessive of a plural": ["bridge", "bridges", "bridges'"],
    "British and US endings": ["recognise", "recognize", "recognised", "recognized"],
    "British and US our": ["labour", "labor", "labours"],
    "Russian cases, by the cap": ["правительство", "правительства", "правительству"],
}
DIFFERENT_STEMS = {
    "numbers keep all digits": ["1234567890", "1234567891"],
    "years": ["1990", "1991"],
    "short words": ["sing", "sign"],
    "double s is no plural": ["glass", "gla"],
    "four letters in ed": ["seed", "see"],
    "words of one root": ["relate", "religion"],
}


@pytest.mark.parametrize("group", SAME_STEM.values(), ids=SAME_STEM)
def test_forms_of_a_word_have_one_stem(group: list[str]) -> None:
    """Different forms and spellings of a word have the same stem."""
    assert len({text.stem(word) for word in group}) == 1, [text.stem(word) for word in group]


@pytest.mark.parametrize("group", DIFFERENT_STEMS.values(), ids=DIFFERENT_STEMS)
def test_different_words_have_different_stems(group: list[str]) -> None:
    """Different words have different stems, numbers above all."""
    assert len({text.stem(word) for word in group}) == len(group), [text.stem(word) for word in group]


@LAW
@given(ANY_TEXT)
def test_a_stem_is_never_empty(value: str) -> None:
    """No stem is empty, and stems of letters have at most seven."""
    for word in text.split_words(value):
        stem = text.stem(word)
        assert stem
        assert len(stem) <= 7 or word[0].isdigit()


# -- sentences -----------------------------------------------------------------------------------------------------

SENTENCES = {
    "two": ("The ferry sank. Nobody drowned.", ["The ferry sank.", "Nobody drowned."]),
    "numbers and initials do not end one": (
        "Prices rose 3.4 percent in the U.S. economy. Mr. Dale was pleased.",
        ["Prices rose 3.4 percent in the U.S. economy.", "Mr. Dale was pleased."],
    ),
    "closing quote stays": ("“We drilled.” They found water.", ["“We drilled.”", "They found water."]),
    "question": ("Who pays? Nobody knows.", ["Who pays?", "Nobody knows."]),
    "Chinese": ("索道重开。票价十元。", ["索道重开。", "票价十元。"]),
    "Hindi": ("पुल बह गया। दस गाँव कटे।", ["पुल बह गया।", "दस गाँव कटे।"]),
    "Arabic": ("هل أغلق الميناء؟ نعم.", ["هل أغلق الميناء؟", "نعم."]),
    "white space round it": ("  The ferry sank.  Nobody drowned. ", ["The ferry sank.", "Nobody drowned."]),
    "no full stop": ("Swan blocks ring road", ["Swan blocks ring road"]),
    "blank": ("  \n ", []),
}


@pytest.mark.parametrize(("paragraph", "expected"), SENTENCES.values(), ids=SENTENCES)
def test_split_sentences(paragraph: str, expected: list[str]) -> None:
    """A paragraph is split where a reader would end a sentence."""
    assert text.split_sentences(paragraph) == expected


@pytest.mark.parametrize("language", [None, "", "en", "de", "zh", "zh-Hant", "pt_BR", "EN-us", "xx", "tlh"])
def test_sentences_take_any_language_tag(language: str | None) -> None:
    """A language tag with a region, an unknown tag or an empty one causes no error and no loss of text."""
    assert text.split_sentences("One. Two.", language) == ["One.", "Two."]


def test_sentences_know_the_language() -> None:
    """Abbreviations of the declared language do not end a sentence."""
    german = "Der Zug hielt z. B. in Lauch. Dort stieg niemand aus."
    assert text.split_sentences(german, "de") == ["Der Zug hielt z. B. in Lauch.", "Dort stieg niemand aus."]


@LAW
@given(ANY_TEXT, st.sampled_from([None, "de", "zh", "hi", "ru", "ja"]))
def test_sentences_lose_nothing(value: str, language: str | None) -> None:
    """All characters but white space are returned, in order."""
    paragraph = text.normalise_whitespace(value)
    assert visible_chars("".join(text.split_sentences(paragraph, language))) == visible_chars(paragraph)


def test_sentences_survive_half_a_surrogate_pair() -> None:
    """A string of a library user may contain characters that UTF-8 cannot encode."""
    assert visible_chars("".join(text.split_sentences("The ferry \ud83d sank. Nobody drowned."))) == visible_chars(
        "The ferry \ud83d sank. Nobody drowned."
    )


ENDS = {
    "The ferry sank.": True,
    "Who pays?": True,
    "Never!": True,
    "And then…": True,
    "“Go home,” he said.": True,
    "He said: “Go home.”": True,
    "He said, ‘Go home.’": True,
    "(The ferry sank.)": True,
    "He called it «finished».": True,
    "索道重开。": True,
    "「終わった。」": True,
    "पुल बह गया।": True,
    "هل أغلق الميناء؟": True,
    "The ferry sank. ": True,
    "It opens at 3 p.m.": True,
    "He flew home from Costa Rica.": True,
    "Swan blocks ring road": False,
    "The work is planned as follows:": False,
    "Trade talks with the U.S.": False,
    "A new chief for Brennick Inc.": False,
    "Poems by J.K.": False,
    "“Trade talks with the U.S.”": False,
    "and so,": False,
    "": False,
    "”": False,
}


@pytest.mark.parametrize(("line", "expected"), ENDS.items(), ids=[line or "empty" for line in ENDS])
def test_ends_sentence(line: str, expected: bool) -> None:
    """A terminal mark ends a sentence, also inside closing quotes; an abbreviation's full stop does not."""
    assert text.ends_sentence(line) is expected


# -- blocks and paragraphs -----------------------------------------------------------------------------------------

WRAPPED = (
    "The board of the harbour said on Monday that the dredging of the\n"
    "northern channel would begin in March and last until the autumn,\n"
    "with a break of four weeks for the herring."
)
UNWRAPPED = WRAPPED.replace("\n", " ")
WRAPPED_NEXT = (
    "    Boats of more than nine metres will have to use the southern\n"
    "channel, where the depth is said to be sufficient at all tides but\n"
    "the lowest."
)
UNWRAPPED_NEXT = WRAPPED_NEXT.strip().replace("\n", " ")

HEADLINES = [
    "Swan blocks the ring road for forty minutes",
    "Council tax bills to go out a whole month late",
    "Former goalkeeper opens bakery in post office",
]

CHINESE = "停运六年的山城索道周六重新开放，首日共接待乘客四千一百余人，排队时间最长达两个小时，当天气温三十度。"
LONG_LINE = "and " + "the harbour office closed the channel to all ships of more than nine metres, " * 2 + "so that"

WRAPPED_GERMAN = """Der Fährverkehr zur Insel ruht seit Montag, weil im Hafen ein
Frachter auf Grund gelaufen ist. Er soll mit der nächsten Flut
freigeschleppt werden."""
WRAPPED_CHINESE = """停运六年的山城索道周六重新开放
首日共接待乘客四千一百余人其中
多数是本地居民排队时间最长达两
个小时。

当天气温三十度，管理处在山顶设
了饮水点，并延长末班车一小时。"""

BLOCKS = {
    "newlines part paragraphs": ("One.\nTwo.\nThree.", [["One.", "Two.", "Three."]]),
    "blank lines part paragraphs": ("One.\n\nTwo.", [["One.", "Two."]]),
    "a blank line may hold blanks": ("One.\n \t\nTwo.", [["One.", "Two."]]),
    "short lines between blank lines stay lines": ("One\ngoes on.\n\nTwo.", [["One", "goes on.", "Two."]]),
    "a line that begins with a comma was broken": ("One Two\n, who\n\nFive.", [["One Two, who", "Five."]]),
    "a long line that goes on was broken": (f"{LONG_LINE}\nit rose.\n\nTwo.", [[f"{LONG_LINE} it rose.", "Two."]]),
    "two blank lines part blocks": ("One.\nTwo.\n\n\nThree.\nFour.", [["One.", "Two."], ["Three.", "Four."]]),
    "many blank lines part two blocks": ("One.\n\n\n\n\n\nTwo.", [["One."], ["Two."]]),
    "two blank lines with blanks in them": ("One.\n \n\t\nTwo.", [["One."], ["Two."]]),
    "each block has its own rule": (
        f"{LONG_LINE}\ngoes on.\n\nTwo.\n\n\n{LONG_LINE}\nfour",
        [[f"{LONG_LINE} goes on.", "Two."], [LONG_LINE, "four"]],
    ),
    "blank lines at the ends part nothing": ("\n\nOne.\nTwo.\n\n", [["One.", "Two."]]),
    "many blank lines at the ends": ("\n\n\n\nOne.\nTwo.\n\n\n\n", [["One.", "Two."]]),
    "hard-wrapped": (WRAPPED, [[UNWRAPPED]]),
    "hard-wrapped, indented paragraphs": (f"{WRAPPED}\n{WRAPPED_NEXT}", [[UNWRAPPED, UNWRAPPED_NEXT]]),
    "hard-wrapped, blank lines": (f"{WRAPPED}\n\n{WRAPPED_NEXT}", [[UNWRAPPED, UNWRAPPED_NEXT]]),
    "hard-wrapped in one block, not the next": (f"{WRAPPED}\n\n\nOne.\nTwo.", [[UNWRAPPED], ["One.", "Two."]]),
    "hard-wrapped, CRLF": (WRAPPED.replace("\n", "\r\n"), [[UNWRAPPED]]),
    "long lines are paragraphs": (f"{UNWRAPPED}\n{UNWRAPPED_NEXT}", [[UNWRAPPED, UNWRAPPED_NEXT]]),
    "sentences of one width in a script without case are lines": (
        "\n".join([CHINESE] * 6),
        [[CHINESE] * 6],
    ),
    "long lines in mid-sentence are paragraphs": ("\n".join([LONG_LINE] * 6), [[LONG_LINE] * 6]),
    "headlines of nearly one width are lines": ("\n".join(HEADLINES), [HEADLINES]),
    "short full sentences are lines": (
        "They came up at ten past two.\nNobody cheered that afternoon.\nThen it was over for good.",
        [["They came up at ten past two.", "Nobody cheered that afternoon.", "Then it was over for good."]],
    ),
    "entries in lower case stay lines": (
        "The plan:\n\nclose the pool on the first day of July\nopen a second ferry to the outer islands in the summer\n"
        "sell the old customs house\n\n" + LONG_LINE,
        [
            [
                "The plan:",
                "close the pool on the first day of July",
                "open a second ferry to the outer islands in the summer",
                "sell the old customs house",
                LONG_LINE,
            ]
        ],
    ),
    "entries in wrapped German": (
        f"{WRAPPED_GERMAN}\n\n- zwei Fähren mehr\n- ein Steg im Süden\n\n{WRAPPED_GERMAN}",
        [
            [
                WRAPPED_GERMAN.replace("\n", " "),
                "- zwei Fähren mehr",
                "- ein Steg im Süden",
                WRAPPED_GERMAN.replace("\n", " "),
            ]
        ],
    ),
    "a long entry goes on in the next line": (
        f"{WRAPPED_GERMAN}\n\nGeplant:\n1. ein Steg im Süden der Insel, der bei Sturm\nbenutzbar ist\n2. zwei Fähren",
        [
            [
                WRAPPED_GERMAN.replace("\n", " "),
                "Geplant:",
                "1. ein Steg im Süden der Insel, der bei Sturm benutzbar ist",
                "2. zwei Fähren",
            ]
        ],
    ),
    "a date at the head of a wrapped line is no entry": (
        "Die Wahl ist am\n3. Mai und nicht, wie es im Rathaus zuerst geheißen hat, am\n4. Juni, sagte die Leiterin.",
        [
            [
                "Die Wahl ist am",
                "3. Mai und nicht, wie es im Rathaus zuerst geheißen hat, am",
                "4. Juni, sagte die Leiterin.",
            ]
        ],
    ),
    "rows of a table in wrapped text": (
        f"{WRAPPED_GERMAN}\n\nElmshagen 12 9 30\nTarnow 12 8 27\nOderin 12 5 18\n\n{WRAPPED_GERMAN}",
        [
            [
                WRAPPED_GERMAN.replace("\n", " "),
                "Elmshagen 12 9 30",
                "Tarnow 12 8 27",
                "Oderin 12 5 18",
                WRAPPED_GERMAN.replace("\n", " "),
            ]
        ],
    ),
    "verse in Spanish": (
        "La copla dice:\n\nEl río baja callado,\nlleva la luna en la espalda,\nnadie le pregunta adónde.\n\n"
        + LONG_LINE,
        [
            [
                "La copla dice:",
                "El río baja callado,",
                "lleva la luna en la espalda,",
                "nadie le pregunta adónde.",
                LONG_LINE,
            ]
        ],
    ),
    "wrapped Chinese is joined without spaces": (
        WRAPPED_CHINESE,
        [WRAPPED_CHINESE.replace("\n\n", " ").replace("\n", "").split(" ")],
    ),
    "a list of Chinese names stays lines": (
        "王小明\n李大力\n赵一平\n钱多多\n\n孙立人",
        [["王小明", "李大力", "赵一平", "钱多多", "孙立人"]],
    ),
    "CRLF": ("One.\r\nTwo.\r\n\r\n\r\nThree.", [["One.", "Two."], ["Three."]]),
    "CRLF with blank lines": ("One\r\n, two.\r\n\r\nThree.", [["One, two.", "Three."]]),
    "old Mac line ends": ("One.\rTwo.\r\r\rThree.", [["One.", "Two."], ["Three."]]),
    "line separators": (
        "One.\u2028Two.\u2029Three.\x85Four.\x0bFive.\x0cSix.",
        [["One.", "Two.", "Three.", "Four.", "Five.", "Six."]],
    ),
    "inner white space is folded": ("One\t goes\u00a0on. ", [["One goes on."]]),
    "composed": ("cafe\u0301", [["café"]]),
    "nothing": ("", []),
    "white space": (" \n\t\n\r\n ", []),
}


INVISIBLE = {
    "soft hyphen in German": ("Hoch\u00adwasser\u00adschutz", "Hochwasserschutz"),
    "zero width space in Thai": ("เรือ\u200bจม", "เรือจม"),
    "word joiner in Vietnamese": ("c\u2060ầu", "cầu"),
    "byte order mark in Polish": ("wo\ufeffda", "woda"),
    "direction marks in Arabic": ("\u200fنحو \u2067340\u2069 دارا", "نحو 340 دارا"),
    "joiners in English": ("har\u200cbour mas\u200dter", "harbour master"),
    "no-break spaces in French": ("12\u202f000\u00a0habitants", "12 000 habitants"),
}


@pytest.mark.parametrize(("marked", "plain"), INVISIBLE.values(), ids=INVISIBLE)
def test_invisible_characters(marked: str, plain: str) -> None:
    """Characters that take no room part no words, are not printed, and do not change the content hash."""
    assert text.split_words(marked) == text.split_words(plain)
    assert text.split_blocks(marked) == [[plain]]
    assert text.content_hash(marked, marked) == text.content_hash(plain, plain)


@pytest.mark.parametrize("word", ["می\u200cشود", "क्\u200dष", "👩\u200d🚒"], ids=["Persian", "Hindi", "emoji"])
def test_joiners_are_kept_where_the_script_needs_them(word: str) -> None:
    """They are printed there, and ignored in comparison."""
    assert text.split_blocks(word) == [[word]]
    assert text.split_words(word) == text.split_words(word.replace("\u200c", "").replace("\u200d", ""))
    assert text.content_hash(None, word) == text.content_hash(None, word.replace("\u200c", "").replace("\u200d", ""))


@pytest.mark.parametrize(("page", "expected"), BLOCKS.values(), ids=BLOCKS)
def test_blocks(page: str, expected: list[list[str]]) -> None:
    """Two blank lines separate blocks; within a block hard wraps, else blank lines, else newlines decide."""
    assert text.split_blocks(page) == expected


@LAW
@given(ANY_TEXT)
def test_blocks_lose_no_character(value: str) -> None:
    """All characters but white space are returned, in order, and no block or paragraph is empty."""
    blocks = text.split_blocks(value)
    assert visible_chars("".join(paragraph for block in blocks for paragraph in block)) == visible_chars(value)
    assert all(blocks)
    assert all(paragraph == text.normalise_whitespace(paragraph) != "" for block in blocks for paragraph in block)


@LAW
@given(ANY_TEXT)
def test_blocks_do_not_depend_on_the_line_ends(value: str) -> None:
    """A file saved on Windows has the same paragraphs."""
    plain = value.replace("\r\n", "\n").replace("\r", "\n")
    assert text.split_blocks(plain.replace("\n", "\r\n")) == text.split_blocks(plain)
    assert text.split_blocks(plain.replace("\n", "\r")) == text.split_blocks(plain)


# -- numbers, capitalised tokens, calendar -------------------------------------------------------------------------

NUMBERS = {
    "grouped by comma": ("62,122 people", ["62122"]),
    "grouped by space": ("62 122 people", ["62122"]),
    "grouped by no-break spaces": ("62\u00a0122 and 1\u202f000\u202f000", ["62122", "1000000"]),
    "millions": ("20,000,000", ["20000000"]),
    "a year before a number is no group": ("in 2024 300 people", ["2024", "300"]),
    "decimals": ("3.4 percent", ["3.4"]),
    "decimal comma": ("3,4 Prozent", ["3,4"]),
    "clock, dot or colon": ("10:30 and 10.30", ["10.30", "10.30"]),
    "words": ("Fourteen of twenty, two hurt", ["14", "20", "2"]),
    "`one` is mostly a pronoun": ("one of them", []),
    "a word that holds a number word": ("often tenders", []),
    "range and fraction": ("1990-2000, 1/16", ["1990", "2000", "1", "16"]),
    "currency and unit": ("$4.5bn, 80km", ["4.5", "80"]),
    "ordinal": ("the 5th of May", ["5"]),
    "full width": ("１２人", ["12"]),
    "Chinese": ("四千一百余人", ["四千一百"]),
    "none": ("nothing here", []),
}


@pytest.mark.parametrize(("given_text", "expected"), NUMBERS.values(), ids=NUMBERS)
def test_numbers(given_text: str, expected: list[str]) -> None:
    """A number gives the same string in every format that outlets use."""
    assert text.extract_numbers(given_text) == expected


NAMES = {
    "capitalised words but the first": (
        "Mayor Ines Tavo met Karl Oberin in Varo",
        ["ine", "tavo", "karl", "oberin", "varo"],
    ),
    "only a first word": ("Skiers were freed", []),
    "initials": ("Talks with the U.S. ended", ["us"]),
    "the same name with a possessive": ("the mayor of Varo and Varo’s harbour", ["varo", "varo"]),
    "after an opening quote": ("He said: “Nobody was hurt” in Varo", ["varo"]),
    "after a full stop inside": ("It sank. Nobody at Varo saw it", ["varo"]),
    "capitals inside": ("a win for McKay", ["mckay"]),
    "accents": ("a visit to Ávila by Émile", ["ávila", "émile"]),
    "Cyrillic": ("По словам Веры Осиповой", ["веры", "осипово"]),
    "no case, no names": ("五十八岁的乘客林女士说", []),
}


@pytest.mark.parametrize(("given_text", "expected"), NAMES.values(), ids=NAMES)
def test_names(given_text: str, expected: list[str]) -> None:
    """Capitalised tokens are found where the capital is meaningful."""
    assert text.extract_capitalised_tokens(given_text) == expected


def test_calendar_words_need_their_capital() -> None:
    """`May` is a month and `may` a verb; plurals and abbreviations do not count."""
    assert text.extract_calendar_words("On Monday in May they may march, Sat. and Sundays") == {"monday", "may"}
    assert text.extract_calendar_words("nobody may march") == frozenset()


# -- dates ---------------------------------------------------------------------------------------------------------

BETWEEN: list[tuple[str | None, str | None, int | None]] = [
    ("2025-04-25", "2025-04-27", 2),
    ("2025-04-27", "2025-04-25", 2),
    ("2025-04-25", "2025-04-25", 0),
    ("2024-02-28", "2024-03-01", 2),
    ("2025-04-25T23:59:00+02:00", "2025-04-26", 1),
    ("2025-04", "2025-04-27", None),
    ("2025", "2025", None),
    (None, "2025-04-27", None),
    ("2025-04-27", None, None),
    ("", "2025-04-27", None),
]


@pytest.mark.parametrize(("one", "other", "expected"), BETWEEN)
def test_days_between(one: str | None, other: str | None, expected: int | None) -> None:
    """Days are counted only if both dates are precise to the day."""
    assert text.days_between(one, other) == expected


LATER: list[tuple[str | None, str | None, bool | None]] = [
    ("2025-04-26", "2025-04-25", True),
    ("2025-05", "2025-04-25", True),
    ("2025-04", "2025-04-25", None),
    ("2025", "2024-12-31", True),
    ("2025", "2025-12", None),
    ("2025-04-25", "2025-04-25", None),
    ("2025-04-25T10:00", "2025-04-25T09:59", True),
    ("2025-04-25T10:00", "2025-04-25T10:00", None),
    ("2025-04-25T10:00", "2025-04-25", None),
    ("2025-04-26T10:00", "2025-04-25", True),
    ("2025-04-25T10:00:00+00:00", "2025-04-25T11:30:00+02:00", True),
    ("2025-04-26T00:30:00+09:00", "2025-04-25T20:00:00+00:00", False),
    ("2025-04-25T10:00:00+00:00", "2025-04-25T09:00:00", None),
    ("2025-04-26T10:00:00+00:00", "2025-04-25T09:00:00", True),
    (None, "2025-04-25", None),
    ("", "2025-04-25", None),
]


@pytest.mark.parametrize(("one", "other", "expected"), LATER)
def test_is_later(one: str | None, other: str | None, expected: bool | None) -> None:
    """Two dates are ordered only if their precision and zones decide it; swapping them reverses the result."""
    assert text.is_later(one, other) is expected
    assert text.is_later(other, one) is (None if expected is None else not expected)


# -- properties of any string --------------------------------------------------------------------------------------

FUNCTIONS: dict[str, Callable[[str], object]] = {
    "fold": text.normalise_whitespace,
    "words": text.split_words,
    "sentences": text.split_sentences,
    "ends_sentence": text.ends_sentence,
    "blocks": text.split_blocks,
    "numbers": text.extract_numbers,
    "names": text.extract_capitalised_tokens,
    "calendar_words": text.extract_calendar_words,
    "content_hash": lambda value: text.content_hash(value, value),
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
@LAW
@given(value=ANY_TEXT)
def test_never_raises(function: Callable[[str], object], value: str) -> None:
    """No function raises for any string, and each gives the same result every time."""
    assert function(value) == function(value)


@LAW
@given(ANY_TEXT, ANY_TEXT)
def test_content_hash_sees_neither_white_space_nor_unicode_form(title: str, body: str) -> None:
    """The content hash depends on the text, not on white space or Unicode form."""
    expected = text.content_hash(title, body)
    assert len(expected) == 32
    for form in FORMS[:2]:
        laid_out = unicodedata.normalize(form, body).replace(" ", " \n\t ")
        assert text.content_hash(f"\n{title} ", f"\t{laid_out}\r\n") == expected


def test_content_hash_tells_texts_apart() -> None:
    """Case, punctuation, the title and the end of the title all count; no title equals an empty one."""
    hashes = [
        text.content_hash(None, "The ferry sank."),
        text.content_hash(None, "The ferry sank"),
        text.content_hash(None, "the ferry sank."),
        text.content_hash("The", "ferry sank."),
        text.content_hash("The ferry", "sank."),
    ]
    assert len(set(hashes)) == len(hashes)
    assert text.content_hash("", "The ferry sank.") == hashes[0]


def test_content_hash_is_pinned() -> None:
    """Stores contain it, so it must never change without a new scheme."""
    assert text.content_hash("Ferry", "The ferry sank.") == "39d0954ae544d99db5c2e9c87a13ebcd"


def test_adjacent_words_of_an_unspaced_run_overlap() -> None:
    """Adjacent pairs share a character, so a shift by one character still leaves words in common."""
    words = text.split_words("运营方表示票价为十元")
    assert all(first[1] == second[0] for first, second in pairwise(words))
    assert len(words) == 9


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        ((), ""),
        (("It rained.", "Nobody came."), "It rained. Nobody came."),
        (("船は港を出た。", "乗客は二百人だった。"), "船は港を出た。乗客は二百人だった。"),
        (("船は港を出た。", "The crew waved."), "船は港を出た。 The crew waved."),
        (("पुल बंद है।", "काम जारी है।"), "पुल बंद है। काम जारी है।"),
    ],
)
def test_join_sentences(sentences: tuple[str, ...], expected: str) -> None:
    """Sentences are joined with or without spaces, depending on the script."""
    assert text.join_sentences(sentences) == expected


@pytest.mark.parametrize(
    "dates",
    [
        ("2025-01-03", "2025"),
        ("2025-04-01T10:00:00+02:00", "2025-04-01T09:30:00+00:00"),
        ("2025-04-01T23:00:00", "2025-04-01", "2025-04", "2025"),
        ("2025", None),
        ("2025", "last Friday"),
    ],
)
def test_date_sort_key_uses_the_last_moment_covered(dates: tuple[str | None, ...]) -> None:
    """A total order over all precisions and zones, by the last moment covered; unknown dates are last."""
    assert all(tuple(sorted(order, key=text.date_sort_key)) == dates for order in permutations(dates))


def extract_numbers_plainly(value: str) -> list[str]:
    """Return the result of `extract_numbers`, token by token and without fast paths."""
    joined = re.sub(
        r"(?<![\d.,])(\d{1,3})((?:[ \u00a0\u202f]\d{3})+)(?![\d.,])", lambda group: re.sub(r"\s", "", group[0]), value
    )
    small = {name: str(n) for n, name in enumerate(SMALL, start=2)}
    values = []
    for token in re.findall(r"\d+(?:[.,:]\d+)*|[^\W\d_]+", unicodedata.normalize("NFKC", joined)):
        if token[0].isdigit():
            values.append(re.sub(r"[,.](?=\d{3}(?:\D|$))", "", token).replace(":", "."))
        elif token.casefold() in small:
            values.append(small[token.casefold()])
        else:
            values += re.findall("[一二三四五六七八九十百千万亿兆两〇零]{2,}", token)
    return values


SMALL = [
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
]  # fmt: skip
NUMERIC = st.lists(
    st.sampled_from(["1", "23", "456", "000", ",", ".", ":", " ", "  ", "_", "-", "Two", "ten", "TWENTY", "one", "x",
                     "\n", "$", "é", "三十", "\u00a0", "½", "\u0663"]), max_size=14,
).map("".join)  # fmt: skip


@settings(max_examples=500)
@given(NUMERIC)
def test_extract_numbers_equals_the_plain_definition(value: str) -> None:
    """The fast path for ASCII text gives the same numbers."""
    assert text.extract_numbers(value) == extract_numbers_plainly(value)
