"""Stage 3: the columns of a batch against the profiles of its reports, one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from builders import article, background
from newsdedup.features import Profile, shingle
from newsdedup.fingerprint import Fingerprints, fingerprint, joined, profiles
from newsdedup.hashing import Vocabulary, tokenise
from newsdedup.idf import hash_word
from newsdedup.models import Report
from newsdedup.text import names, normalised, stem, words
from newsdedup.thresholds import (
    RELATED_LEAD,
    RELATED_NAME_RARITY,
    SAME_TEXT_TITLE,
    SAME_TEXT_WORDS,
    SAMPLE_RATE,
    SHORT_REPORT,
)

Hashes = NDArray[np.uint64]

SENTENCES = (
    "The U.S. envoy Marla Quenby met Tobias Rask in Lagoda.", "Mayor Ines Volkonen’s plan won 3.4 per cent.",
    "“We go on,” said Ann-Kathrin O’Dell.", "Zoë Ångström und Jürgen Groß trafen sich in Köln.", "...", "",
    "No. No no.", "Пётр Кузнецов приехал в Нижний Тагил.", "中文的句子没有空格。", "\ud800 broken 😀 Half Pair",
    "Is it?\nYes It Is",
    "(Quenby Rask) [Lagoda Port], USA Today McDonald X Y", "the the the the", "a b c d e f g h i j k l m n o p q r s t",
)  # fmt: skip
TITLES = (None, "", "Envoy meets Rask in Lagoda", "Rask", "Unlike anything told", "the", "中文的句子")


def report(name: str, paragraphs: Sequence[Sequence[str]], title: str | None, *, inferred: bool = False) -> Report:
    """Return a report of just these sentences."""
    return Report(article(name, name), title, inferred, tuple(tuple(each) for each in paragraphs))


@st.composite
def reports_of(draw: st.DrawFn) -> list[Report]:
    """Return a few reports, some without a body, some of one text."""
    sentence = st.one_of(st.sampled_from(SENTENCES), st.text(max_size=30))
    return [
        report(f"{i}", draw(st.lists(st.lists(sentence, max_size=4), max_size=3)), draw(st.sampled_from(TITLES)),
               inferred=draw(st.booleans()))
        for i in range(draw(st.integers(0, 6)))
    ]  # fmt: skip


def low(stems: Hashes) -> list[int]:
    """Return the low 32 bits of stems, each once, sorted."""
    return sorted({int(each) & 0xFFFFFFFF for each in stems})


def same_text(ready: Sequence[Profile]) -> list[list[int]]:
    """Group reports by text as the rule has it."""
    groups: dict[object, list[int]] = {}
    for i, each in enumerate(ready):
        key: object = i
        if len(each.sentences):
            told = each.speaks_of_title(range(len(each.sentences))) >= SAME_TEXT_TITLE
            sure = told and len(each.word_hashes) >= SAME_TEXT_WORDS
            key = (each.word_hashes.tobytes(), "" if sure else normalised([each.report.title or ""]))
        groups.setdefault(key, []).append(i)
    return list(groups.values())


def grouped(columns: Fingerprints) -> list[list[int]]:
    """Group reports by the key of their text."""
    groups: dict[bytes, list[int]] = {}
    for i, key in enumerate(columns.text_key):
        groups.setdefault(key.tobytes(), []).append(i)
    return list(groups.values())


def names_by_hand(sentences: Sequence[str]) -> set[tuple[str, ...]]:
    """Return the stems of the names of two and of three words, word by word."""
    found: set[tuple[str, ...]] = set()
    for sentence in sentences:
        runs: list[list[str]] = [[]]
        for token in sentence.split()[1:]:
            word = token.strip("\"'“”‘’«»„()[].,;:!?…*")
            if not word[:1].isupper() or word[1:].isupper():
                runs.append([])
                continue
            if not token.startswith(word):
                runs.append([])
            runs[-1].append(stem((words(word) or [word])[-1]))
            if not token.endswith(word):
                runs.append([])
        found |= {tuple(run[i : i + n]) for run in runs for n in (2, 3) for i in range(len(run) - n + 1)}
    return found


def rare_names(sentences: Sequence[str]) -> list[int]:
    """Return the hashes of those that are rare enough."""
    hashes = set()
    for name in names_by_hand(sentences):
        stems = np.array([hash_word(each) & 0xFFFFFFFF for each in name], dtype=np.uint64)
        if sum(background().weights(stems).tolist()) >= RELATED_NAME_RARITY:
            hashes.add(int(shingle(stems, len(name))[0]))
    return sorted(hashes)


def shingles_by_hand(found: Sequence[str]) -> list[int]:
    """Return the unique hashes of the word 3-grams, sorted."""
    hashes = {word: tokenise([word]).hashes for word in found}
    runs = zip(found, found[1:], found[2:], strict=False)
    return sorted({int(shingle(np.concatenate([hashes[word] for word in run]), 3)[0]) for run in runs})


def check(reports: Sequence[Report], columns: Fingerprints) -> None:
    """Hold every column against the profiles."""
    ready = profiles(reports, background())
    assert len(columns) == len(ready)
    assert columns.words.tolist() == [len(each.word_hashes) for each in ready]
    assert columns.shingle_counts.tolist() == [len(each.shingles) for each in ready]
    assert grouped(columns) == same_text(ready)
    for i, each in enumerate(ready):
        sentences = list(each.sentences.stems)
        assert columns.stems[i].tolist() == low(np.concatenate([each.title_stems[:0], *sentences]))
        assert columns.title[i].tolist() == low(each.title_stems)
        assert columns.first[i].tolist() == (low(sentences[0]) if sentences else [])
        parts = Counter(one for part in (each.title_stems, *sentences[:RELATED_LEAD]) for one in low(part))
        assert list(zip(columns.lead[i].tolist(), columns.lead_counts[i].tolist(), strict=True)) == sorted(
            parts.items()
        )
        assert columns.lead_names[i].tolist() == rare_names(each.report.sentences[:RELATED_LEAD])
        named = {hash_word(name) & 0xFFFFFFFF for sentence in each.report.sentences for name in names(sentence)}
        assert columns.names[i].tolist() == sorted(named.intersection(columns.names[i].tolist()))


@settings(max_examples=300, deadline=None)
@given(reports_of())
def test_columns_say_what_profiles_say(reports: list[Report]) -> None:
    """Every column, on reports of all kinds, with hostile text."""
    columns = fingerprint(reports, background())
    check(reports, columns)
    for i, each in enumerate(reports):
        found = [word for sentence in each.sentences for word in words(sentence)]
        assert columns.shingles[i].tolist() == shingles_by_hand(found)


@settings(max_examples=60, deadline=None)
@given(reports_of(), reports_of())
def test_neither_batch_nor_vocabulary_shows(one: list[Report], other: list[Report]) -> None:
    """A report has the same columns alone, behind others, and after whatever was met before."""
    vocabulary = Vocabulary(4)
    apart = joined([fingerprint([each], background(), vocabulary) for each in one + other])
    at_once = joined([fingerprint(one, background()), fingerprint(other, background())])
    for columns in (at_once, fingerprint(one + other, background(), vocabulary)):
        for name in Fingerprints.__slots__:
            got, due = getattr(columns, name), getattr(apart, name)
            for left, right in ((got, due),) if isinstance(got, np.ndarray) else (
                (got.values, due.values), (got.bounds, due.bounds)
            ):  # fmt: skip
                assert left.dtype == right.dtype
                assert np.array_equal(left, right)


NAMING = ("said", "3", "U.S.", "in", "of,", "O’Dell", "McDonald,", "Rask", "Rask.", "Quenby-Rask", "Zoë", "Köln",
          "AT&T", "A.", "B2B", "“We", "(Lagoda", "X_Y", "it:", "'", "—", "Пётр", "\ud800", "E\u0301a", "ﬁ", "中文",
          "\x00")  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.lists(st.sampled_from(NAMING), max_size=12).map(" ".join), max_size=4))
def test_what_is_surely_a_name_is_one(sentences: list[str]) -> None:
    """As `text.names` has it, whatever stands beside it."""
    reports = [report("a", [sentences], None)]
    check(reports, fingerprint(reports, background()))


def test_most_names_are_surely_names() -> None:
    """Those between words and commas; not what opens a sentence or a quote."""
    text = "Envoys Marla Quenby, O’Dell and 3 Rasks of Köln met in the U.S. on Monday, “We go.”"
    due = {hash_word(name) & 0xFFFFFFFF for name in names(text)}
    found = fingerprint([report("a", [[text]], None)], background()).names[0]
    missed = {hash_word(stem(word)) & 0xFFFFFFFF for word in ("quenby",)}
    assert set(found.tolist()) <= due
    assert due - set(found.tolist()) <= missed


def long_report(name: str, count: int) -> Report:
    """Return a report of so many different words."""
    return report(name, [[" ".join(f"w{i}" for i in range(count)) + "."]], None)


@pytest.mark.parametrize("count", [SHORT_REPORT, SHORT_REPORT + 1, 3 * SHORT_REPORT, 20 * SHORT_REPORT])
def test_a_long_report_keeps_a_sample_of_its_shingles(count: int) -> None:
    """All of a short one, else those under the bound, but SHORT_REPORT at least."""
    each = long_report("a", count // 2 + 2)  # `w1` is two words
    hashes = shingles_by_hand([word for sentence in each.sentences for word in words(sentence)])
    columns = fingerprint([each], background())
    under = sum(hash_ < (1 << 64) // SAMPLE_RATE for hash_ in hashes)
    kept = len(hashes) if len(hashes) <= SHORT_REPORT else max(SHORT_REPORT, under)
    assert columns.shingles[0].tolist() == hashes[:kept]
    assert columns.shingle_counts.tolist() == [len(hashes)]


def test_reports_of_more_text_than_a_batch_holds_come_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """However the reports are parted."""
    reports = [report(f"{i}", [[SENTENCES[i % len(SENTENCES)]] * (i % 4)], TITLES[i % len(TITLES)]) for i in range(40)]
    monkeypatch.setattr("newsdedup.fingerprint.FINGERPRINT_CHARS", 4)
    check(reports, fingerprint(reports, background()))


def test_reports_without_a_sentence_are_never_one_text() -> None:
    """Two empty pages have nothing in common, even under one title."""
    columns = fingerprint([report(name, [], "Robot check") for name in "ab"], background())
    assert grouped(columns) == [[0], [1]]
    assert columns.words.tolist() == [0, 0]
