"""The novelty check: hand-labelled pairs, and the rules one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import background, records, verdict
from newsdedup import load
from newsdedup.clean import clean
from newsdedup.features import extract_facts
from newsdedup.models import Article
from newsdedup.sentence_match import _parse_sentence, match_sentence
from newsdedup.text import extract_capitalised_tokens, extract_numbers, split_words, stem
from newsdedup.thresholds import CLASH_MIN_COVERAGE, SAME_MIN_COVERAGE
from untidy_pages import SHARED

LAW = settings(max_examples=200)
PAIRS = records("sentence_pairs.jsonl")
FACT_PAIRS = records("conflict_pairs.jsonl")
# Two independent readings, by language models, of pairs of sentences that were merged: keys and labels, no texts.
READINGS = records("conflict_labels.jsonl")
CONFLICT_MIN_PRECISION = 0.85
MIN_REBUILT = 0.8  # cleaning may cut or split a sentence in another way than when it was read

# Floors under what was measured when they were set (90 of 105 right, 17 of 20 clashes of the right kind, 7 clashes
# reported on pairs labelled without); raise them with improvements of the check, never lower them.
RIGHT_SHARE = 0.84
CLASHES_FOUND_SHARE = 0.80
CLASHES_TOO_MANY = 8


def describe_pair(pair: dict[str, Any]) -> str:
    """Return a pair and its outcome, for the message of a failed floor."""
    match = verdict(pair["a"], pair["b"])
    outcome = f"{match.outcome} ({match.clash_kind})" if match.clash_kind else match.outcome
    label = "same" if pair["same"] else pair.get("clash") or "new"
    return f"\n  marked {label}, judged {outcome}: {pair['why']}\n    a: {pair['a']}\n    b: {pair['b']}"


def test_there_are_pairs_enough() -> None:
    """At least sixty of our own, with both answers, and other languages than English (issue 2)."""
    assert len(PAIRS) >= 60
    assert sum(pair["same"] for pair in PAIRS) >= 25
    assert sum(not pair["same"] for pair in PAIRS) >= 25
    assert len({pair["language"] for pair in PAIRS}) >= 5


def test_marked_pairs_are_judged_as_marked() -> None:
    """Same or not, over all pairs."""
    missed = [pair for pair in PAIRS if (verdict(pair["a"], pair["b"]).outcome == "same") != pair["same"]]
    assert len(missed) <= (1 - RIGHT_SHARE) * len(PAIRS), "".join(map(describe_pair, missed))


def test_marked_clashes_are_found() -> None:
    """One statement with another number, date or name is found, and called by the right kind."""
    marked = [pair for pair in PAIRS if pair.get("clash")]
    assert len(marked) >= 15
    missed = [pair for pair in marked if verdict(pair["a"], pair["b"]).clash_kind != pair["clash"]]
    assert len(missed) <= (1 - CLASHES_FOUND_SHARE) * len(marked), "".join(map(describe_pair, missed))


def test_few_clashes_are_reported_where_none_is_marked() -> None:
    """A false conflict wastes an editor's time; opposites and template siblings are among these pairs."""
    wrong = [pair for pair in PAIRS if not pair.get("clash") and verdict(pair["a"], pair["b"]).clash_kind is not None]
    assert len(wrong) <= CLASHES_TOO_MANY, "".join(map(describe_pair, wrong))


SAME = {
    "marks and case": ("“Nobody was hurt,” said Ines Tavo.", "'NOBODY WAS HURT' said Ines Tavo"),
    "number in words": (
        "Police said 14 passengers were injured in the harbour.",
        "Fourteen passengers were injured in the harbour, police said.",
    ),
    "number grouped otherwise": (
        "The harbour handled 62,122 containers in the spring.",
        "The harbour handled 62 122 containers in the spring.",
    ),
    "initials of what was spelt out": (
        "The International Harbour Council called the ferry unsafe on Monday.",
        "The IHC called the ferry unsafe on Monday.",
    ),
    "initials spelt out": (
        "Two tugs were sent by the U.S. to the stranded ferry.",
        "Two tugs were sent by the United States to the stranded ferry.",
    ),
    "initials spelt out, at the beginning": (
        "The U.S. sent two tugs to the stranded ferry.",
        "The United States sent two tugs to the stranded ferry.",
    ),
    "less than is known": (
        "The ferry Marisol ran aground off Port Lenna on Tuesday with 212 people aboard, the harbour office said.",
        "The ferry Marisol ran aground off Port Lenna on Tuesday.",
    ),
    "negation in both": (
        "The harbour office did not expect the ferry to sail again this week.",
        "The harbour office does not expect the ferry to sail again this week.",
    ),
}


@pytest.mark.parametrize(("known", "sentence"), SAME.values(), ids=SAME)
def test_says_the_same(known: str, sentence: str) -> None:
    """Nothing new after the first sentence."""
    assert verdict(known, sentence).outcome == "same"


NEW = {
    "something else": ("The ferry sank in the night.", "The bakers of Union City went back to work."),
    "a clause more": (
        "The ferry ran aground off Port Lenna on Tuesday.",
        "The ferry ran aground off Port Lenna on Tuesday and spilled diesel over the oyster beds.",
    ),
    "a number more": (
        "The ferry ran aground off the harbour on Tuesday evening.",
        "The ferry ran aground off the harbour with 212 aboard on Tuesday evening.",
    ),
    "a name more": (
        "The captain of the ferry was questioned by the harbour police on Tuesday.",
        "The captain of the ferry, Karl Oberin, was questioned by the harbour police on Tuesday.",
    ),
    "negation": (
        "The harbour office expects the ferry to sail again this week.",
        "The harbour office does not expect the ferry to sail again this week.",
    ),
    "negation with a curly apostrophe": (
        "The ferry will sail again this week with its old captain.",
        "The ferry won’t sail again this week with its old captain.",
    ),
    "opposite: up and down": (
        "Shares in the shipping line rose sharply in the afternoon.",
        "Shares in the shipping line fell sharply in the afternoon.",
    ),
    "opposite: decision": (
        "The council approved the new harbour bridge.",
        "The council rejected the new harbour bridge.",
    ),
    "opposite: order": (
        "The captain left the bridge before the ferry ran aground.",
        "The captain left the bridge after the ferry ran aground.",
    ),
}


@pytest.mark.parametrize(("known", "sentence"), NEW.values(), ids=NEW)
def test_says_something_new(known: str, sentence: str) -> None:
    """One new fact is enough to be added, however much else is shared."""
    found = verdict(known, sentence)
    assert (found.outcome, found.clash_kind) == ("new", None)


CLASHES = {
    "number": (
        "The ferry ran aground on Tuesday with 212 people aboard.",
        "The ferry ran aground on Tuesday with 221 people aboard.",
        "number",
    ),
    "number in words": (
        "Fourteen passengers were injured when the ferry hit the pier.",
        "Sixteen passengers were injured when the ferry hit the pier.",
        "number",
    ),
    "day of the month": (
        "The ferry is to sail again on 12 May, the harbour office said.",
        "The ferry is to sail again on 14 May, the harbour office said.",
        "date",
    ),
    "weekday": (
        "The ferry ran aground off the harbour on Tuesday evening.",
        "The ferry ran aground off the harbour on Wednesday evening.",
        "date",
    ),
    "month": (
        "The repaired ferry is to sail again in May, the harbour office said.",
        "The repaired ferry is to sail again in June, the harbour office said.",
        "date",
    ),
    "name": (
        "The ferry was pulled free by the tug Quill on Tuesday evening, the harbour office said.",
        "The ferry was pulled free by the tug Heron on Tuesday evening, the harbour office said.",
        "name",
    ),
}


@pytest.mark.parametrize(("known", "sentence", "kind"), CLASHES.values(), ids=CLASHES)
def test_clash(known: str, sentence: str, kind: str) -> None:
    """A statement with one fact replaced is a clash of that kind, in both directions."""
    assert (verdict(known, sentence).outcome, verdict(known, sentence).clash_kind) == ("clash", kind)
    assert (verdict(sentence, known).outcome, verdict(sentence, known).clash_kind) == ("clash", kind)


def test_other_number_of_another_thing_is_no_clash() -> None:
    """Two numbers clash only if they count the same thing."""
    known = "Police counted 212 passengers on the ferry that ran aground off the harbour."
    other = "The ferry that ran aground off the harbour had served for 31 years."
    assert verdict(known, other).outcome == "new"


def test_the_same_words_say_the_same_whatever_they_weigh() -> None:
    """Words of every article have no IDF mass, so coverage cannot decide; equality does."""
    assert (
        match_sentence("It was so.", "it was so", coverage=0.0, reverse_coverage=0.0, extra_mass=0.0).outcome == "same"
    )


def test_too_little_shared_is_new() -> None:
    """Below SAME_MIN_COVERAGE a sentence is new, at it the same."""
    known, sentence = "the old ferry sank at night", "at night the ferry sank off shore"
    assert (
        match_sentence(known, sentence, coverage=SAME_MIN_COVERAGE, reverse_coverage=0.0, extra_mass=0.0).outcome
        == "same"
    )
    assert (
        match_sentence(
            known, sentence, coverage=SAME_MIN_COVERAGE - 0.0001, reverse_coverage=0.0, extra_mass=0.0
        ).outcome
        == "new"
    )


def test_too_little_shared_is_no_clash() -> None:
    """A differing number in sentences that share little else belongs to another statement."""
    known, sentence = "the ferry had 212 people aboard", "the ferry had 221 people aboard"
    assert (
        match_sentence(known, sentence, coverage=CLASH_MIN_COVERAGE, reverse_coverage=1.0, extra_mass=0.0).outcome
        == "clash"
    )
    assert (
        match_sentence(
            known, sentence, coverage=CLASH_MIN_COVERAGE - 0.0001, reverse_coverage=1.0, extra_mass=0.0
        ).outcome
        == "new"
    )


MARKED = st.sampled_from([pair[side] for pair in PAIRS for side in ("a", "b")])


@LAW
@given(MARKED)
def test_a_sentence_says_what_it_says(sentence: str) -> None:
    """In any case and punctuation."""
    assert verdict(sentence, sentence).outcome == "same"
    assert verdict(sentence, f"“{sentence}”").outcome == "same"


@LAW
@given(MARKED, MARKED)
def test_a_kind_is_given_for_clashes_only(known: str, sentence: str) -> None:
    """A match has a kind exactly if it is a clash."""
    match = verdict(known, sentence)
    assert (match.outcome == "clash") == (match.clash_kind is not None)


@LAW
@given(st.text(max_size=60), st.text(max_size=60), st.floats(0, 1), st.floats(0, 1), st.floats(0, 20))
def test_judges_anything(known: str, sentence: str, cover: float, back: float, extra_mass: float) -> None:
    """Any text and any coverage gives an outcome."""
    assert match_sentence(known, sentence, coverage=cover, reverse_coverage=back, extra_mass=extra_mass).outcome in {
        "same",
        "clash",
        "new",
    }


PIECES = (
    "The", "the", "United", "States", "US", "U.S.", "Nations", "said", "12", "13", "twelve", "1,200", "not", "May",
    "June", "Monday", "rose", "fell", "Anna", "Müller", "Muller", "三十二", "٣",
    "e\u0301", "\ud800", "\x00", ".", "“", "”",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join) | st.text(max_size=20)


@LAW
@given(st.lists(TEXTS, min_size=2, max_size=4), st.sampled_from((0.5, 0.9, 1.0)), st.sampled_from((0.0, 0.7, 1.0)))
def test_what_is_remembered_of_a_sentence_does_not_show(texts: list[str], cover: float, back: float) -> None:
    """The outcome does not depend on the caches, also for hostile text."""
    pairs = [(one, other) for one in texts for other in texts]
    matches = [match_sentence(*pair, coverage=cover, reverse_coverage=back, extra_mass=0.0) for pair in pairs]
    for pair, match in zip(pairs, matches, strict=True):
        for cached in (extract_facts, _parse_sentence):
            cached.cache_clear()
        assert match_sentence(*pair, coverage=cover, reverse_coverage=back, extra_mass=0.0) == match


@LAW
@given(TEXTS)
def test_what_is_known_of_a_sentence_is_what_its_text_gives(text: str) -> None:
    """Numbers, names and stems, each computed the plain way."""
    parsed = _parse_sentence(text)
    assert parsed.numbers == set(extract_numbers(text))
    assert parsed.names == set(extract_capitalised_tokens(text))
    assert parsed.stems == {stem(word) for word in split_words(text)}


@pytest.mark.parametrize("pair", FACT_PAIRS, ids=lambda pair: f"{pair['language']}: {pair['b'][:30]}")
def test_facts_written_otherwise_are_no_conflict_and_other_facts_are(pair: dict[str, Any]) -> None:
    """Our own pairs in ten and more languages, in both directions."""
    assert verdict(pair["a"], pair["b"]).clash_kind == pair["clash"], pair["why"]
    assert verdict(pair["b"], pair["a"]).clash_kind == pair["clash"], pair["why"]


def rebuild_pairs() -> Iterator[tuple[dict[str, Any], str, str]]:
    """Yield each reading with its two sentences, as the articles in ../shared/gold have them today."""
    for name in sorted({reading["set"] for reading in READINGS}):
        readings = [reading for reading in READINGS if reading["set"] == name]
        wanted = {reading[side] for reading in readings for side in ("a", "b")}
        articles = [each for each in load([SHARED / "gold" / f"{name}.jsonl"]) if isinstance(each, Article)]
        sentences = {
            each.article_id: [
                text for paragraph in clean(each, idf_table=background()).paragraphs for text in paragraph
            ]
            for each in articles
            if each.article_id in wanted
        }
        for reading in readings:
            ids = (reading["a"], reading["b"])
            for a, b in product(*(sentences.get(article_id, []) for article_id in ids)):
                if hashlib.sha256("\n".join((*ids, a, b)).encode()).hexdigest()[:12] == reading["key"]:
                    yield reading, a, b
                    break


@pytest.mark.skipif(
    not (SHARED / "gold").is_dir(), reason="../shared/gold is not there: the real sentences are not ours"
)
def test_reported_conflicts_are_real() -> None:
    """Of the pairs on which both readings agree: none that is real is lost, and few others are reported."""
    reported, wrong, lost, rebuilt = 0, [], [], 0
    for reading, a, b in rebuild_pairs():
        rebuilt += 1
        label, other = reading["labels"]
        if label != other:
            continue
        kind = verdict(a, b).clash_kind
        reported += kind is not None
        wrong += [(a, b)] if kind is not None and label == "none" else []
        lost += [(a, b)] if kind is None and label != "none" else []
    assert rebuilt >= MIN_REBUILT * len(READINGS), f"only {rebuilt} pairs are still sentences of the articles"
    assert not lost
    assert 1 - len(wrong) / reported >= CONFLICT_MIN_PRECISION, wrong
