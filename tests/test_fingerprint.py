"""Stage 3: the columns of a batch against the features of its reports, one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from builders import article, background
from newsdedup.features import ReportFeatures, hash_ngrams
from newsdedup.fingerprint import Fingerprints, build_features_batch, concat_fingerprints, fingerprint
from newsdedup.hashing import Vocabulary, tokenise
from newsdedup.idf import hash_word
from newsdedup.models import Report
from newsdedup.text import extract_capitalised_tokens, normalise_text, split_words, stem
from newsdedup.thresholds import (
    MIN_SAMPLED_SHINGLES,
    RELATED_LEAD_SENTENCES,
    RELATED_NAME_MIN_IDF,
    SAME_TEXT_MIN_TITLE_COVERAGE,
    SAME_TEXT_MIN_WORDS,
    SHINGLE_SAMPLE_RATE,
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


def make_report(name: str, paragraphs: Sequence[Sequence[str]], title: str | None, *, inferred: bool = False) -> Report:
    """Return a report of exactly these sentences."""
    return Report(article(name, name), title, inferred, tuple(tuple(each) for each in paragraphs))


@st.composite
def reports_of(draw: st.DrawFn) -> list[Report]:
    """Return a few reports, some without a body, some of one text."""
    sentence = st.one_of(st.sampled_from(SENTENCES), st.text(max_size=30))
    return [
        make_report(f"{i}", draw(st.lists(st.lists(sentence, max_size=4), max_size=3)), draw(st.sampled_from(TITLES)),
               inferred=draw(st.booleans()))
        for i in range(draw(st.integers(0, 6)))
    ]  # fmt: skip


def truncate_hashes(stems: Hashes) -> list[int]:
    """Return the unique low 32 bits of stem hashes, sorted."""
    return sorted({int(each) & 0xFFFFFFFF for each in stems})


def group_by_text_rule(features: Sequence[ReportFeatures]) -> list[list[int]]:
    """Group reports of one text by the documented rule."""
    groups: dict[object, list[int]] = {}
    for i, each in enumerate(features):
        key: object = i
        if len(each.sentences):
            is_title_covered = each.compute_title_coverage(range(len(each.sentences))) >= SAME_TEXT_MIN_TITLE_COVERAGE
            is_body_enough = is_title_covered and len(each.word_hashes) >= SAME_TEXT_MIN_WORDS
            key = (each.word_hashes.tobytes(), "" if is_body_enough else normalise_text([each.report.title or ""]))
        groups.setdefault(key, []).append(i)
    return list(groups.values())


def group_by_text_key(columns: Fingerprints) -> list[list[int]]:
    """Group reports by their text key."""
    groups: dict[bytes, list[int]] = {}
    for i, key in enumerate(columns.text_keys):
        groups.setdefault(key.tobytes(), []).append(i)
    return list(groups.values())


def names_by_hand(sentences: Sequence[str]) -> set[tuple[str, ...]]:
    """Return the stems of the names of two and three words, word by word."""
    name_stems: set[tuple[str, ...]] = set()
    for sentence in sentences:
        runs: list[list[str]] = [[]]
        for token in sentence.split()[1:]:
            word = token.strip("\"'“”‘’«»„()[].,;:!?…*")
            if not word[:1].isupper() or word[1:].isupper():
                runs.append([])
                continue
            if not token.startswith(word):
                runs.append([])
            runs[-1].append(stem((split_words(word) or [word])[-1]))
            if not token.endswith(word):
                runs.append([])
        name_stems |= {tuple(run[i : i + n]) for run in runs for n in (2, 3) for i in range(len(run) - n + 1)}
    return name_stems


def hash_rare_names(sentences: Sequence[str]) -> list[int]:
    """Return the hashes of the names that are rare enough."""
    hashes = set()
    for name in names_by_hand(sentences):
        stems = np.array([hash_word(each) & 0xFFFFFFFF for each in name], dtype=np.uint64)
        if sum(background().lookup(stems).tolist()) >= RELATED_NAME_MIN_IDF:
            hashes.add(int(hash_ngrams(stems, len(name))[0]))
    return sorted(hashes)


def shingles_by_hand(text_words: Sequence[str]) -> list[int]:
    """Return the unique hashes of the word 3-grams, sorted."""
    hashes = {word: tokenise([word]).hashes for word in text_words}
    runs = zip(text_words, text_words[1:], text_words[2:], strict=False)
    return sorted({int(hash_ngrams(np.concatenate([hashes[word] for word in run]), 3)[0]) for run in runs})


def check_columns(reports: Sequence[Report], columns: Fingerprints) -> None:
    """Check every column against the features of the reports."""
    features = build_features_batch(reports, background())
    assert len(columns) == len(features)
    assert columns.word_counts.tolist() == [len(each.word_hashes) for each in features]
    assert columns.shingle_counts.tolist() == [len(each.shingles) for each in features]
    assert group_by_text_key(columns) == group_by_text_rule(features)
    for i, each in enumerate(features):
        sentences = list(each.sentences.stems)
        assert columns.stems[i].tolist() == truncate_hashes(np.concatenate([each.title_stems[:0], *sentences]))
        assert columns.title_stems[i].tolist() == truncate_hashes(each.title_stems)
        assert columns.first_sentence[i].tolist() == (truncate_hashes(sentences[0]) if sentences else [])
        parts = Counter(
            one for part in (each.title_stems, *sentences[:RELATED_LEAD_SENTENCES]) for one in truncate_hashes(part)
        )
        assert list(zip(columns.lead_stems[i].tolist(), columns.lead_counts[i].tolist(), strict=True)) == sorted(
            parts.items()
        )
        assert columns.lead_names[i].tolist() == hash_rare_names(each.report.sentences[:RELATED_LEAD_SENTENCES])
        named = {
            hash_word(name) & 0xFFFFFFFF
            for sentence in each.report.sentences
            for name in extract_capitalised_tokens(sentence)
        }
        assert columns.name_stems[i].tolist() == sorted(named.intersection(columns.name_stems[i].tolist()))


@settings(max_examples=300)
@given(reports_of())
def test_columns_agree_with_features(reports: list[Report]) -> None:
    """Every column, on reports of all kinds, with hostile text."""
    columns = fingerprint(reports, background())
    check_columns(reports, columns)
    for i, each in enumerate(reports):
        text_words = [word for sentence in each.sentences for word in split_words(sentence)]
        assert columns.shingles[i].tolist() == shingles_by_hand(text_words)


@settings(max_examples=60)
@given(reports_of(), reports_of())
def test_neither_batch_nor_vocabulary_shows(reports_a: list[Report], reports_b: list[Report]) -> None:
    """A report has the same columns alone, in a batch, and with any vocabulary."""
    vocabulary = Vocabulary(4)
    one_by_one = concat_fingerprints([fingerprint([each], background(), vocabulary) for each in reports_a + reports_b])
    at_once = concat_fingerprints([fingerprint(reports_a, background()), fingerprint(reports_b, background())])
    for columns in (at_once, fingerprint(reports_a + reports_b, background(), vocabulary)):
        for name in Fingerprints.__slots__:
            column, expected = getattr(columns, name), getattr(one_by_one, name)
            for left, right in ((column, expected),) if isinstance(column, np.ndarray) else (
                (column.values, expected.values), (column.bounds, expected.bounds)
            ):  # fmt: skip
                assert left.dtype == right.dtype
                assert np.array_equal(left, right)


NAMING = ("said", "3", "U.S.", "in", "of,", "O’Dell", "McDonald,", "Rask", "Rask.", "Quenby-Rask", "Zoë", "Köln",
          "AT&T", "A.", "B2B", "“We", "(Lagoda", "X_Y", "it:", "'", "—", "Пётр", "\ud800", "E\u0301a", "ﬁ", "中文",
          "\x00")  # fmt: skip


@settings(max_examples=400)
@given(st.lists(st.lists(st.sampled_from(NAMING), max_size=12).map(" ".join), max_size=4))
def test_what_is_surely_a_name_is_one(sentences: list[str]) -> None:
    """As in `text.extract_capitalised_tokens`, with any neighbours."""
    reports = [make_report("a", [sentences], None)]
    check_columns(reports, fingerprint(reports, background()))


def test_most_names_are_surely_names() -> None:
    """Those between words and commas; not the first word of a sentence or quote."""
    text = "Envoys Marla Quenby, O’Dell and 3 Rasks of Köln met in the U.S. on Monday, “We go.”"
    expected = {hash_word(name) & 0xFFFFFFFF for name in extract_capitalised_tokens(text)}
    name_stems = fingerprint([make_report("a", [[text]], None)], background()).name_stems[0]
    missed = {hash_word(stem(word)) & 0xFFFFFFFF for word in ("quenby",)}
    assert set(name_stems.tolist()) <= expected
    assert expected - set(name_stems.tolist()) <= missed


def make_long_report(name: str, count: int) -> Report:
    """Return a report of this many different words."""
    return make_report(name, [[" ".join(f"w{i}" for i in range(count)) + "."]], None)


@pytest.mark.parametrize(
    "count", [MIN_SAMPLED_SHINGLES, MIN_SAMPLED_SHINGLES + 1, 3 * MIN_SAMPLED_SHINGLES, 20 * MIN_SAMPLED_SHINGLES]
)
def test_a_long_report_keeps_a_sample_of_its_shingles(count: int) -> None:
    """All of a short one, else those below the bound, but at least MIN_SAMPLED_SHINGLES."""
    each = make_long_report("a", count // 2 + 2)  # `w1` is two words
    hashes = shingles_by_hand([word for sentence in each.sentences for word in split_words(sentence)])
    columns = fingerprint([each], background())
    under = sum(hash_ < (1 << 64) // SHINGLE_SAMPLE_RATE for hash_ in hashes)
    kept = len(hashes) if len(hashes) <= MIN_SAMPLED_SHINGLES else max(MIN_SAMPLED_SHINGLES, under)
    assert columns.shingles[0].tolist() == hashes[:kept]
    assert columns.shingle_counts.tolist() == [len(hashes)]


def test_reports_of_more_text_than_a_batch_holds_come_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """For any split into batches."""
    reports = [
        make_report(f"{i}", [[SENTENCES[i % len(SENTENCES)]] * (i % 4)], TITLES[i % len(TITLES)]) for i in range(40)
    ]
    monkeypatch.setattr("newsdedup.fingerprint.FINGERPRINT_BATCH_CHARS", 4)
    check_columns(reports, fingerprint(reports, background()))


def test_reports_without_a_sentence_are_never_one_text() -> None:
    """Two empty pages have nothing in common, even under one title."""
    columns = fingerprint([make_report(name, [], "Robot check") for name in "ab"], background())
    assert group_by_text_key(columns) == [[0], [1]]
    assert columns.word_counts.tolist() == [0, 0]
