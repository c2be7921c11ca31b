"""Other languages than English: each one's reprint and cut merge, its look-alike and second report stay apart."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from builders import article, background, profiled, sentences
from newsdedup import dedupe, text
from newsdedup.config import Config
from newsdedup.idf import hash_word
from untidy_pages import labelled_articles, stories_of

ARTICLES = labelled_articles()
LANGUAGES = ("ar", "de", "es", "fr", "hi", "id", "ja", "ko", "ru", "th", "vi", "zh")
# Those that also have a rewrite in words of its own, one that keeps many of the report's, and a separate report.
RETOLD = ("ar", "de", "es", "ja", "ru", "zh")
NO_LATIN = ("ar", "hi", "ja", "ko", "ru", "th", "zh")
# Rewrites merged with their report, of twelve: 6 on 2026-11-24, the close one in each language. One may fall to a
# better rule.
MERGED_REWRITES = 5


def of_language(language: str) -> dict[str, str]:
    """Return our articles in a language: the text by what the article is (`report`, `cut`, ...)."""
    return {name.split("-")[1]: each.text for name, each in ARTICLES.items() if name.split("-")[0] == language}


@cache
def stories(language: str, *, declared: bool = False) -> dict[str, frozenset[str]]:
    """Run a language's articles through the pipeline; return for each, by what it is, those of its story."""
    given = [
        replace(each, language=language if declared else None)
        for name, each in ARTICLES.items()
        if name.split("-")[0] == language
    ]
    found = [frozenset(name.split("-")[1] for name in story) for story in stories_of(dedupe(given, Config(workers=1)))]
    return {name: story for story in found for name in story}


@pytest.mark.parametrize(
    ("language", "copy"),
    [pytest.param(x, copy, id=f"{x}-{copy}") for x in LANGUAGES for copy in ("reprint", "cut")],
)
def test_the_same_text_comes_together(language: str, copy: str) -> None:
    """On another outlet's untidy page, under another headline, whole or cut."""
    assert copy in stories(language)["report"]


@pytest.mark.parametrize(
    ("language", "other"),
    [
        *(pytest.param(x, "sibling", id=f"{x}-look-alike") for x in LANGUAGES),
        *(pytest.param(x, "event", id=f"{x}-same-event") for x in RETOLD),
    ],
)
def test_another_report_stays_apart(language: str, other: str) -> None:
    """What happened elsewhere told in the same words, and what another reporter tells of the same event."""
    assert stories(language)[other] == {other}


COPIES = ("report", "reprint", "cut")


def together(*names: str) -> bool:
    """Tell whether these articles, alone in a run, are one story."""
    return len(dedupe([ARTICLES[name] for name in names], Config(workers=1)).stories) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(f"{x}-{one}", f"{x}-{other}", id=f"{x}-{one}-{other}")
        for x in LANGUAGES
        for one, other in combinations(COPIES, 2)
    ],
)
def test_two_copies_alone_come_together(one: str, other: str) -> None:
    """With no third copy between them."""
    assert together(one, other)


@pytest.mark.parametrize(
    ("copy", "other"),
    [pytest.param(f"{x}-{copy}", f"{x}-sibling", id=f"{x}-{copy}") for x in LANGUAGES for copy in COPIES],
)
def test_a_look_alike_alone_stays_apart(copy: str, other: str) -> None:
    """No other copy of the report is there to outvote a wrong match; what the page prints round it is no excuse."""
    assert not together(copy, other)


def test_rewrites_merge_in_other_languages() -> None:
    """Counted over the languages, the close and the free ones together; those that are missed are listed."""
    missed = [
        f"{language}-{kind}"
        for language in RETOLD
        for kind in ("rewrite", "retold")
        if kind not in stories(language)["report"]
    ]
    assert 2 * len(RETOLD) - len(missed) >= MERGED_REWRITES, missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_declared_language_changes_no_decision(language: str) -> None:
    """It parts sentences better; an outlet that declares it and one that does not are treated alike."""
    assert stories(language, declared=True) == stories(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_language_does_not_meet_another(language: str) -> None:
    """Our report beside those of the other languages: no story holds two languages."""
    reports = [each for name, each in ARTICLES.items() if name.endswith(("-report", "-agency"))]
    found = stories_of(dedupe(reports, Config(workers=1)))
    assert frozenset({f"{language}-report"}) in found


# -- words that the background statistics do not know ------------------------------------------------------------------


@pytest.mark.parametrize("language", NO_LATIN)
def test_words_of_an_unknown_script_weigh_the_same(language: str) -> None:
    """The table was counted in English news: where it has nothing to say, no word counts for more than another."""
    stems = sorted(
        {text.stem(word) for each in of_language(language).values() for word in text.words(each) if not word.isascii()}
    )
    weights = background().weights(np.array([hash_word(stem) for stem in stems], dtype=np.uint64))
    assert len(stems) > 100
    assert set(weights.tolist()) == {background().unknown}


def test_words_of_an_unknown_language_weigh_the_same() -> None:
    """In Latin letters too: a tongue that nobody writes."""
    ready = sentences("Skarvil brontu melavoriq ostrepan dulvick.", "Zhorbat kilumare trenovax.")
    for rarity in ready.rarity:
        assert set(rarity.tolist()) == {background().unknown}
    assert ready.mass.tolist() == pytest.approx([5 * background().unknown, 3 * background().unknown])


def test_an_unknown_word_is_no_rarer_than_any_known() -> None:
    """A foreign word among English ones is a rare word, not an overwhelming one."""
    assert 0.5 < background().unknown <= 1
    assert background().unknown >= np.median(background().rarities) / 255


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_in_any_language_has_weight(language: str) -> None:
    """Each sentence has mass, and the title's stems too, so that coverage divides by something."""
    name = f"{language}-report"
    (profile,) = profiled(ARTICLES[name])
    assert len(profile.sentences.texts) >= 4
    assert (profile.sentences.mass > 0).all()
    assert len(profile.shingles) > 50
    assert profile.title_rarity.sum() > 0


# -- words and sentences -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_or_mark_of_a_word_is_lost(language: str) -> None:
    """A vowel sign that falls off makes two words one, or one two."""
    for each in of_language(language).values():
        plain = unicodedata.normalize("NFKC", each).casefold()
        kept = set("".join(text.words(each)))
        assert {char for char in plain if unicodedata.category(char)[0] in "LM"} <= kept


@pytest.mark.parametrize("language", ["ar", "de", "es", "fr", "hi", "id", "ko", "ru", "vi"])
def test_what_stands_between_spaces_is_one_word(language: str) -> None:
    """For scripts with spaces, marks and all: no word of letters alone falls apart."""
    for each in of_language(language).values():
        plain = unicodedata.normalize("NFKC", each).split()
        spoken = [word for word in plain if all(unicodedata.category(char)[0] in "LM" for char in word)]
        assert spoken
        for word in spoken:
            assert text.words(word) == [word.casefold()]


@pytest.mark.parametrize("language", ["ja", "th", "zh"])
def test_a_script_without_spaces_gives_character_pairs(language: str) -> None:
    """The pairs of a run overlap, so that they are one fewer than its characters and none is longer than two."""
    found = [word for each in of_language(language).values() for word in text.words(each) if not word.isascii()]
    assert {len(word) for word in found} <= {1, 2}
    assert sum(len(word) == 2 for word in found) > 0.9 * len(found)


def test_character_pairs_count_the_run() -> None:
    """A space or a mark parts the runs, and where a text is broken by a line end the rest still agrees."""
    assert text.words("水管破裂") == ["水管", "管破", "破裂"]
    assert text.words("水管，破裂") == ["水管", "破裂"]
    assert set(text.words("図書館は休館した")) - set(text.words("図書館は\n休館した")) == {"は休"}
    assert len(text.words("สะพาน")) == 4


SENTENCES = {
    "ar": ["سقطت الأمطار ليلا.", "هل توقفت الرحلات؟", "لا أحد يعرف."],
    "de": ["Der Zug hielt am 3. Mai.", "Niemand stieg aus.", "»Ist das so?«", "Die Strecke ist gesperrt."],
    "es": ["¿Cuándo se abrirá?", "Nadie lo sabe.", "¡Qué espera!"],
    "fr": ["Le câble a rompu.", "« J’ai eu peur. »", "Le pont est fermé."],
    "hi": ["पुल बह गया।", "कोई घायल नहीं हुआ।", "क्या काम शुरू होगा?"],
    "id": ["Gudang terbakar pukul 21.40.", "Dua orang dirawat.", "Polisi menyelidiki."],
    "ja": ["橋が落ちた。", "「まだ怖い。眠れない」と住民は話す。", "再開は未定だ。"],
    "ko": ["다리가 무너졌다.", "다친 사람은 없다.", "언제 다시 열까?"],
    "ru": ["Мост закрыли.", "«Я опаздываю. Каждый день», — сказала она.", "Ремонт займёт шесть недель."],
    "th": ["สะพานขาดเมื่อคืน ไม่มีผู้เสียชีวิต ทหารส่งเรือเข้าช่วย"],  # Thai has no mark that ends a sentence
    "vi": ["Cầu sập lúc 15 giờ.", "Không ai bị thương.", "Bao giờ thông xe?"],
    "zh": ["桥塌了。", "没有人受伤！", "何时重开？"],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_of_a_language(language: str) -> None:
    """With that language's marks, quotes and ordinals, where the article says which it is."""
    assert text.sentences(text.joined(SENTENCES[language]), language) == SENTENCES[language]


@pytest.mark.parametrize("language", [x for x in LANGUAGES if x != "de"])
def test_sentences_of_a_language_not_declared(language: str) -> None:
    """Nearly all articles come without; only ordinals and abbreviations of a language then part its sentences."""
    assert text.sentences(text.joined(SENTENCES[language])) == SENTENCES[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_unicode_form_changes_no_decision(language: str) -> None:
    """Outlets write é, ё, の゙ and Vietnamese tones in one sign or in two: the report is the same."""
    name = f"{language}-report"
    one = ARTICLES[name]
    other = article(
        "decomposed", unicodedata.normalize("NFD", one.text), title=unicodedata.normalize("NFD", one.title or "")
    )
    (story,) = dedupe([one, other], Config(workers=1)).stories
    assert len(story.variants) == 2
