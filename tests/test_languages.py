"""Other languages than English: each one's reprint and cut merge, its look-alike and second report stay separate."""

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
# Languages that also have a free rewrite, a close rewrite, and a separate report of the same event.
RETOLD = ("ar", "de", "es", "ja", "ru", "zh")
NO_LATIN = ("ar", "hi", "ja", "ko", "ru", "th", "zh")
# Rewrites merged with their report, of twelve: 6 on 2026-11-24, the close one in each language. A better rule may lose
# one.
MERGED_REWRITES = 5


def load_texts(language: str) -> dict[str, str]:
    """Return the texts of our articles in a language by kind (`report`, `cut`, ...)."""
    return {name.split("-")[1]: article.text for name, article in ARTICLES.items() if name.split("-")[0] == language}


@cache
def find_stories(language: str, *, declared: bool = False) -> dict[str, frozenset[str]]:
    """Run the articles of a language through the pipeline; return for each kind the kinds in its story."""
    articles = [
        replace(article, language=language if declared else None)
        for name, article in ARTICLES.items()
        if name.split("-")[0] == language
    ]
    stories = [
        frozenset(name.split("-")[1] for name in story) for story in stories_of(dedupe(articles, Config(workers=1)))
    ]
    return {name: story for story in stories for name in story}


@pytest.mark.parametrize(
    ("language", "copy"),
    [pytest.param(x, copy, id=f"{x}-{copy}") for x in LANGUAGES for copy in ("reprint", "cut")],
)
def test_copies_form_one_story(language: str, copy: str) -> None:
    """On an untidy page of another outlet, under another headline, complete or cut."""
    assert copy in find_stories(language)["report"]


@pytest.mark.parametrize(
    ("language", "other"),
    [
        *(pytest.param(x, "sibling", id=f"{x}-look-alike") for x in LANGUAGES),
        *(pytest.param(x, "event", id=f"{x}-same-event") for x in RETOLD),
    ],
)
def test_another_report_stays_separate(language: str, other: str) -> None:
    """A report of another event in the same words, and another reporter's text on the same event."""
    assert find_stories(language)[other] == {other}


COPIES = ("report", "reprint", "cut")


def are_one_story(*names: str) -> bool:
    """Tell whether these articles form one story in a run without others."""
    return len(dedupe([ARTICLES[name] for name in names], Config(workers=1)).stories) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(f"{x}-{one}", f"{x}-{other}", id=f"{x}-{one}-{other}")
        for x in LANGUAGES
        for one, other in combinations(COPIES, 2)
    ],
)
def test_two_copies_alone_form_one_story(one: str, other: str) -> None:
    """Without a third copy that links them."""
    assert are_one_story(one, other)


@pytest.mark.parametrize(
    ("copy", "other"),
    [pytest.param(f"{x}-{copy}", f"{x}-sibling", id=f"{x}-{copy}") for x in LANGUAGES for copy in COPIES],
)
def test_a_look_alike_alone_stays_separate(copy: str, other: str) -> None:
    """Without other copies of the report that could outvote a wrong match, and despite the page furniture."""
    assert not are_one_story(copy, other)


def test_rewrites_merge_in_other_languages() -> None:
    """Counted over all languages, close and free rewrites together; a failure lists the missed ones."""
    missed = [
        f"{language}-{kind}"
        for language in RETOLD
        for kind in ("rewrite", "retold")
        if kind not in find_stories(language)["report"]
    ]
    assert 2 * len(RETOLD) - len(missed) >= MERGED_REWRITES, missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_declared_language_changes_no_decision(language: str) -> None:
    """It improves sentence splitting but no outlet is treated differently for declaring it."""
    assert find_stories(language, declared=True) == find_stories(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_story_holds_two_languages(language: str) -> None:
    """In a run with the reports of all languages no story holds two of them."""
    reports = [article for name, article in ARTICLES.items() if name.endswith(("-report", "-agency"))]
    stories = stories_of(dedupe(reports, Config(workers=1)))
    assert frozenset({f"{language}-report"}) in stories


# -- words that are not in the IDF table -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", NO_LATIN)
def test_words_of_an_unknown_script_have_equal_idf(language: str) -> None:
    """The table was counted in English news, so all words that it does not contain have the same IDF."""
    stems = sorted(
        {
            text.stem(word)
            for body in load_texts(language).values()
            for word in text.split_words(body)
            if not word.isascii()
        }
    )
    weights = background().lookup(np.array([hash_word(stem) for stem in stems], dtype=np.uint64))
    assert len(stems) > 100
    assert set(weights.tolist()) == {background().unknown_idf}


def test_words_of_an_unknown_language_have_equal_idf() -> None:
    """Also in Latin letters: an invented language."""
    ready = sentences("Skarvil brontu melavoriq ostrepan dulvick.", "Zhorbat kilumare trenovax.")
    for rarity in ready.idf:
        assert set(rarity.tolist()) == {background().unknown_idf}
    assert ready.idf_mass.tolist() == pytest.approx([5 * background().unknown_idf, 3 * background().unknown_idf])


def test_an_unknown_word_is_no_rarer_than_any_known() -> None:
    """A foreign word in English text is a rare word, but does not outweigh the others."""
    assert 0.5 < background().unknown_idf <= 1
    assert background().unknown_idf >= np.median(background().idf) / 255


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_in_any_language_has_weight(language: str) -> None:
    """Each sentence and the title have IDF mass, so that coverage is defined."""
    name = f"{language}-report"
    (profile,) = profiled(ARTICLES[name])
    assert len(profile.sentences.texts) >= 4
    assert (profile.sentences.idf_mass > 0).all()
    assert len(profile.shingles) > 50
    assert profile.title_idf.sum() > 0


# -- words and sentences -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_or_mark_of_a_word_is_lost(language: str) -> None:
    """A lost vowel sign would make two words equal or split one."""
    for body in load_texts(language).values():
        plain = unicodedata.normalize("NFKC", body).casefold()
        word_chars = set("".join(text.split_words(body)))
        assert {char for char in plain if unicodedata.category(char)[0] in "LM"} <= word_chars


@pytest.mark.parametrize("language", ["ar", "de", "es", "fr", "hi", "id", "ko", "ru", "vi"])
def test_what_stands_between_spaces_is_one_word(language: str) -> None:
    """In scripts with spaces no word of letters and marks is split."""
    for body in load_texts(language).values():
        plain = unicodedata.normalize("NFKC", body).split()
        spoken = [word for word in plain if all(unicodedata.category(char)[0] in "LM" for char in word)]
        assert spoken
        for word in spoken:
            assert text.split_words(word) == [word.casefold()]


@pytest.mark.parametrize("language", ["ja", "th", "zh"])
def test_a_script_without_spaces_gives_character_pairs(language: str) -> None:
    """The pairs of a run overlap, so there is one fewer than characters, and none is longer than two."""
    words = [word for body in load_texts(language).values() for word in text.split_words(body) if not word.isascii()]
    assert {len(word) for word in words} <= {1, 2}
    assert sum(len(word) == 2 for word in words) > 0.9 * len(words)


def test_character_pairs_count_the_run() -> None:
    """A space or a mark ends a run; if a line end breaks the text, only the pairs across it are lost."""
    assert text.split_words("水管破裂") == ["水管", "管破", "破裂"]
    assert text.split_words("水管，破裂") == ["水管", "破裂"]
    assert set(text.split_words("図書館は休館した")) - set(text.split_words("図書館は\n休館した")) == {"は休"}
    assert len(text.split_words("สะพาน")) == 4


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
    """With the marks, quotes and ordinals of the declared language."""
    assert text.split_sentences(text.join_sentences(SENTENCES[language]), language) == SENTENCES[language]


@pytest.mark.parametrize("language", [x for x in LANGUAGES if x != "de"])
def test_sentences_of_a_language_not_declared(language: str) -> None:
    """Nearly all articles declare no language; then only ordinals and abbreviations may be split wrongly."""
    assert text.split_sentences(text.join_sentences(SENTENCES[language])) == SENTENCES[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_unicode_form_changes_no_decision(language: str) -> None:
    """é, ё, の゙ and Vietnamese tones may be composed or decomposed: the report is the same."""
    name = f"{language}-report"
    composed = ARTICLES[name]
    decomposed = article(
        "decomposed",
        unicodedata.normalize("NFD", composed.text),
        title=unicodedata.normalize("NFD", composed.title or ""),
    )
    (story,) = dedupe([composed, decomposed], Config(workers=1)).stories
    assert len(story.variants) == 2
