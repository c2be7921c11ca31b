"""Stage 5 over texts of our own: symmetric, explained to the last part, and careful with what it is given."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import article, profiled
from newsdedup.arrays import take_rows
from newsdedup.engine.pair_scores import PairScores
from newsdedup.errors import ModelError
from newsdedup.features import ReportFeatures
from newsdedup.models import Aligned, Direction, Relation, Score
from newsdedup.score import SIGNAL_MEANINGS, SIGNAL_NAMES, load_model, score, score_others
from newsdedup.score.signals import measure_pair
from untidy_pages import CHAIRS, KILN, labelled_articles, labelled_pairs, page, reprint

MODEL = load_model()
DUPLICATES = [pair for pair in labelled_pairs() if pair["duplicate"]]
# Relations that are right of our 86 labelled duplicates; 75 were on 2026-11-24 (most of the others are close rewrites
# taken for updates), and one may fall to a better rule.
RIGHT_RELATIONS = 74
OTHER_WAY = {
    Direction.FROM_BASE: Direction.TO_BASE,
    Direction.TO_BASE: Direction.FROM_BASE,
    Direction.UNKNOWN: Direction.UNKNOWN,
}


VETOES = ("template", "frame", "series")


@pytest.fixture(scope="module")
def profiles() -> dict[str, ReportFeatures]:
    """Return the profiles of our labelled articles by id, and of some untidy pages."""
    articles = list(labelled_articles().values())
    articles += [article(f"page-{seed}", page(CHAIRS, seed)) for seed in range(3)]
    articles += [article(f"reprint-{seed}", reprint(KILN, seed)) for seed in range(3)]
    return {each.report.article.article_id: each for each in profiled(*articles)}


@pytest.fixture(scope="module")
def scores(profiles: dict[str, ReportFeatures]) -> dict[tuple[str, str], Score]:
    """Return the score of every pair of our texts, of which there are thousands."""
    return {(a, b): score(profiles[a], profiles[b], MODEL) for a, b in combinations(sorted(profiles), 2)}


def swapped(found: Score) -> tuple[Aligned, ...]:
    """Return the alignment as seen from the other side."""
    turned = [Aligned(x.b, x.a, x.covered_b, x.covered_a, x.verbatim) for x in found.aligned]
    return tuple(sorted(turned, key=lambda x: (x.a, x.b)))


def test_a_score_is_the_same_both_ways(
    profiles: dict[str, ReportFeatures], scores: dict[tuple[str, str], Score]
) -> None:
    """To the last bit, on every pair of our texts: only the direction and the sides turn round."""
    for (a, b), one in scores.items():
        other = score(profiles[b], profiles[a], MODEL)
        assert (one.probability, one.containment, one.similarity) == (
            other.probability, other.containment, other.similarity,
        )  # fmt: skip
        assert one.signals == other.signals
        assert one.relation == other.relation
        assert one.direction == OTHER_WAY[other.direction]
        assert one.aligned == swapped(other)


def test_standing_is_the_score_without_its_reasons(
    profiles: dict[str, ReportFeatures], scores: dict[tuple[str, str], Score]
) -> None:
    """Many against one base, whichever comes first by content."""
    names = sorted(profiles)
    for at in (0, len(names) // 2):
        others = names[at + 1 :]
        found = score_others(profiles[names[at]], [profiles[each] for each in others], MODEL)
        assert found == [replace(scores[names[at], each], signals=(), aligned=()) for each in others]
    back = score_others(profiles[names[-1]], [profiles[each] for each in names[:-1]], MODEL)
    turned = [scores[each, names[-1]] for each in names[:-1]]
    assert back == [replace(x, direction=OTHER_WAY[x.direction], signals=(), aligned=()) for x in turned]
    assert score_others(profiles[names[0]], [], MODEL) == []


def test_columns_hold_the_standing_of_their_pairs(profiles: dict[str, ReportFeatures]) -> None:
    """Kept as columns, joined in whatever order, and asked from either side."""
    names = sorted(profiles, key=lambda each: (profiles[each].report.article.content_hash, each))[:24]
    every = [(i, j) for i, j in combinations(range(len(names)), 2) if (i + j) % 3]
    parts = [
        PairScores.from_scores(
            np.array(some, dtype=np.int64).reshape(-1, 2),
            [score_others(profiles[names[i]], [profiles[names[j]]], MODEL)[0] for i, j in some],
            np.zeros(len(some), dtype=np.bool_),
        )
        for some in (every[1::2], [], every[::2])
    ]
    pair_scores = PairScores.concat(parts)
    pair_scores = take_rows(pair_scores, np.lexsort(pair_scores.pairs.T[::-1]))
    for i, j in permutations(range(len(names)), 2):
        due = score_others(profiles[names[i]], [profiles[names[j]]], MODEL)[0] if (i + j) % 3 else None
        assert pair_scores.find_score(i, j) == due
    assert PairScores.concat([]).find_score(0, 1) is None


def test_the_signals_are_the_same_both_ways(profiles: dict[str, ReportFeatures]) -> None:
    """Measured either way round, without the order that `score` puts a pair in."""
    for a, b in combinations(sorted(profiles), 2):
        one, other = measure_pair(profiles[a], profiles[b]), measure_pair(profiles[b], profiles[a])
        assert one.values.tolist() == other.values.tolist(), (a, b)


def test_the_parts_and_the_base_rate_add_up_to_the_log_odds(scores: dict[tuple[str, str], Score]) -> None:
    """What each signal is said to bring is what it brought: the sum gives the probability."""
    seen = set()
    for found in scores.values():
        assert tuple(signal.name for signal in found.signals) == SIGNAL_NAMES
        odds = MODEL.bias + sum(signal.contribution for signal in found.signals)
        # Parts are rounded to 4 decimals each; the slope of the probability is at most a quarter.
        margin = len(SIGNAL_NAMES) * 0.00005 / 4 + 0.00005
        assert found.probability == pytest.approx(1 / (1 + math.exp(-odds)), abs=margin)
        seen.add(found.probability > 0.5)
    assert seen == {True, False}


def test_figures_are_shares_with_four_decimals(scores: dict[tuple[str, str], Score]) -> None:
    """Decisions use the rounded values, so that platforms agree."""
    for found in scores.values():
        figures = [found.probability, found.containment, found.similarity]
        figures += [value for x in found.aligned for value in (x.covered_a, x.covered_b, x.verbatim)]
        assert all(0 <= each <= 1 for each in figures)
        assert figures == [round(each, 4) for each in figures]


def test_a_report_scores_highest_against_itself(profiles: dict[str, ReportFeatures]) -> None:
    """The same text is `identical` and nearly certain, in each language."""
    for name, each in profiles.items():
        copy = article(f"{name}-copy", each.report.article.text, title=each.report.article.title)
        found = score(each, profiled(copy)[0], MODEL)
        assert found.relation is Relation.IDENTICAL, name
        assert (found.containment, found.similarity) == (1, 1), name
        assert found.probability > 0.9, name


def test_every_signal_is_explained() -> None:
    """A name without a meaning would leave `compare` with a blank."""
    assert set(SIGNAL_MEANINGS) == set(SIGNAL_NAMES)
    assert all(SIGNAL_MEANINGS.values())


def test_relations_of_our_labelled_duplicates(profiles: dict[str, ReportFeatures]) -> None:
    """The stated rules against our labels; what is wrong is listed."""
    wrong = []
    for pair in DUPLICATES:
        found = score(profiles[pair["a"]], profiles[pair["b"]], MODEL).relation
        found = Relation.REPRINT if found is Relation.IDENTICAL else found  # the pages differ, not the reports
        if found not in pair["relation"].split("|"):
            wrong.append((pair["a"], pair["b"], pair["relation"], found.value))
    assert len({pair["relation"] for pair in DUPLICATES if "|" not in pair["relation"]}) == 4, "all but identical"
    assert len(DUPLICATES) - len(wrong) >= RIGHT_RELATIONS, wrong


def test_the_direction_of_an_abridged_pair(profiles: dict[str, ReportFeatures]) -> None:
    """`from_base`: the second was made from the first. Every abridged pair of ours names the whole first."""
    cuts = [(pair["a"], pair["b"]) for pair in DUPLICATES if pair["relation"] == "abridged"]
    found = [score(profiles[a], profiles[b], MODEL) for a, b in cuts]
    directions = [each.direction for each in found if each.relation is Relation.ABRIDGED]
    assert len(directions) >= len(cuts) - 2
    assert set(directions) == {Direction.FROM_BASE}
    back = [score(profiles[b], profiles[a], MODEL) for a, b in cuts]
    assert {each.direction for each in back if each.relation is Relation.ABRIDGED} == {Direction.TO_BASE}


LATER = (
    *CHAIRS[:3],
    "The new seats will cost 287,000 crowns and are to be in place by the end of July, the council said on Friday.",
    "Two builders have withdrawn their offers since the vote, and the lifeboat crew has asked for a ramp.",
    "The mayor called a second meeting for the autumn, at which the plates will be discussed once more.",
)


@pytest.mark.parametrize(
    ("first", "second", "direction"),
    [
        ("2026-02-03", "2026-02-04", Direction.FROM_BASE),
        ("2026-02-04", "2026-02-03", Direction.TO_BASE),
        ("2026-02-03", "2026-02-03", Direction.UNKNOWN),
        ("2026-02-03T10:00:00Z", "2026-02-03T12:00:00Z", Direction.FROM_BASE),
        ("2026-02-03T10:00:00Z", "2026-02-03T12:00:00+03:00", Direction.TO_BASE),
        ("2026-02", "2026-02-03", Direction.UNKNOWN),
        ("2026-02-03", None, Direction.UNKNOWN),
        (None, None, Direction.UNKNOWN),
    ],
)
def test_the_direction_of_an_update_follows_the_dates(
    first: str | None, second: str | None, direction: Direction
) -> None:
    """`from_base`: the second is the later edit; where the dates do not say, nothing is claimed."""
    dates = [{"published": each} if each else {} for each in (first, second)]
    one, other = profiled(article("a", "\n\n".join(CHAIRS), **dates[0]), article("b", "\n\n".join(LATER), **dates[1]))
    found = score(one, other, MODEL)
    assert (found.relation, found.direction) == (Relation.UPDATE, direction)
    assert score(other, one, MODEL).direction == OTHER_WAY[direction]


def test_a_report_without_sentences_cannot_be_scored() -> None:
    """Neither way round: such a page is never a candidate, so whoever asks has made an error."""
    empty, full = profiled(article("empty", ""), article("full", "\n\n".join(CHAIRS)))
    for pair in ((empty, full), (full, empty), (empty, empty)):
        with pytest.raises(ValueError, match="without sentences"):
            score(*pair, MODEL)


@pytest.mark.parametrize(
    "text",
    ["!!! ??? ...", "—", "12 34 56", "word " * 5000, "Yes.", "\u200b\u200b.", "“”", "的", "a\u0301\u0301\u0301."],
    ids=["marks", "dash", "numbers", "repeated", "one-word", "zero-width", "quotes", "one-sign", "combining"],
)
def test_odd_reports_get_a_probability(text: str) -> None:
    """A report of hardly anything is scored like any other, without a division by nothing."""
    odd, full = profiled(article("odd", text), article("full", "\n\n".join(CHAIRS)))
    if len(odd.sentences):
        found = score(odd, full, MODEL)
        assert found == score(odd, full, MODEL)
        assert 0 <= found.probability < 0.5


def shipped() -> dict[str, Any]:
    """Return the model that ships, as data."""
    data: dict[str, Any] = json.loads(resources.files("newsdedup").joinpath("data/model.json").read_text("utf-8"))
    return data


def without(key: str) -> Callable[[dict[str, Any]], object]:
    """Return what takes `key` out of the data."""
    return lambda data: data.pop(key)


def put(key: str, value: object) -> Callable[[dict[str, Any]], object]:
    """Return what puts `value` into the data."""
    return lambda data: data.update({key: value})


def in_nodes(key: str, value: object) -> Callable[[dict[str, Any]], object]:
    """Return what puts `value` into the trees."""
    return lambda data: data["nodes"].update({key: value})


def first_node(key: str, value: object) -> Callable[[dict[str, Any]], object]:
    """Return what puts `value` into the first node that is no leaf."""

    def change(data: dict[str, Any]) -> None:
        at = next(i for i, low in enumerate(data["nodes"]["low"]) if low != i)
        data["nodes"][key][at] = value

    return change


BROKEN: dict[str, Callable[[dict[str, Any]], object]] = {
    **{f"no-{key}": without(key) for key in ("format", "version", "signals", "nodes", "roots", "linear")},
    "other-format": put("format", "else"),
    "other-version": put("version", 1),
    "other-signals": put("signals", [*SIGNAL_NAMES[1:], SIGNAL_NAMES[0]]),
    "fewer-signals": put("signals", list(SIGNAL_NAMES[1:])),
    "signals-are-a-number": put("signals", 3),
    "nodes-are-a-list": put("nodes", []),
    "short-values": in_nodes("value", [1]),
    "ragged-values": in_nodes("value", [[1], [1, 2]]),
    "text-for-values": in_nodes("value", ["heavy"]),
    "values-are-null": in_nodes("value", None),
    "threshold-is-nan": first_node("threshold", math.nan),
    "asks-an-unknown-signal": first_node("feature", len(SIGNAL_NAMES)),
    "leads-nowhere": first_node("low", 10**9),
    "leads-back": first_node("high", 0),
    "no-trees": put("roots", []),
    "fractions-for-values": first_node("value", 0.9),
    "text-for-a-value": first_node("value", "5"),
    "log-odds-without-bounds": first_node("value", 2**62),
    "weight-without-bounds": put("linear", {"template": -1e300}),
    "nodes-are-empty": put("nodes", {key: [] for key in ("feature", "threshold", "low", "high", "value")}),
    "a-chain-of-nodes": lambda data: data.update(
        roots=[0],
        nodes={
            "feature": [0] * 1000,
            "threshold": [0.5] * 1000,
            "low": [*range(1, 1000), 999],
            "high": [*range(1, 1000), 999],
            "value": [0] * 1000,
        },
    ),
    "root-is-nowhere": put("roots", [-1]),
    "roots-are-text": put("roots", ["a"]),
    "veto-is-infinite": put("linear", {"template": math.inf}),
    "veto-is-text": put("linear", {"template": "strong"}),
    "vetoes-are-null": put("linear", None),
    "vetoes-are-a-list": put("linear", ["template"]),
    "veto-of-no-signal": put("linear", {"tempalte": -20.0}),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_model_file_that_does_not_fit_is_a_model_error(tmp_path: Path, case: str) -> None:
    """One line that names the file and what to do; a model that would give no probabilities is refused too."""
    data = shipped()
    BROKEN[case](data)
    path = tmp_path / "model.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        load_model(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"not json", b"[]", b"null", b"3", b'{"a": ', b"\xff\xfe\x00", b"[" * 100_000],
    ids=["empty", "text", "list", "null", "number", "cut-short", "no-unicode", "deep"],
)
def test_a_file_that_is_no_model_is_a_model_error(tmp_path: Path, content: bytes) -> None:
    """Whatever stands in it."""
    path = tmp_path / "model.json"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.json"):
        load_model(path)


def test_a_model_that_is_not_there_is_a_model_error(tmp_path: Path) -> None:
    """A missing file and a folder in its place."""
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(ModelError, match="cannot be read"):
            load_model(path)


def test_the_model_that_ships_can_be_given_by_name(tmp_path: Path) -> None:
    """The file format is the one that is read, so the broken cases above are broken for their own reason."""
    path = tmp_path / "model.json"
    path.write_text(json.dumps(shipped()), encoding="utf-8")
    assert load_model(path).value.tolist() == MODEL.value.tolist()


def by_hand(data: dict[str, Any], values: list[float]) -> float:
    """Return the log-odds, one tree after the other, as the file's description says."""
    nodes, total = data["nodes"], 0
    for root in data["roots"]:
        at = root
        while nodes["low"][at] != at:
            side = "low" if values[nodes["feature"][at]] <= nodes["threshold"][at] else "high"
            at = nodes[side][at]
        total += nodes["value"][at]
    linear = sum(round(values[SIGNAL_NAMES.index(name)] * weight * 1e6) for name, weight in data["linear"].items())
    return float((total + linear) / 1e6)


def test_the_trees_answer_as_a_plain_loop_over_them_does() -> None:
    """The evaluation of many rows at once against one row, one tree, one node at a time."""
    data, rng = shipped(), np.random.default_rng(7)
    rows = np.round(rng.random((200, len(SIGNAL_NAMES))) * rng.choice([0.3, 1.0, 4.0], size=(200, 1)), 4)
    rows[:, [SIGNAL_NAMES.index(name) for name in VETOES]] = 0.0
    rows[0, SIGNAL_NAMES.index("template")] = 1.0
    odds = np.array([by_hand(data, row.tolist()) for row in rows])
    assert MODEL.predict_probability(rows).tolist() == np.round(1 / (1 + np.exp(-odds)), 4).tolist()
    parts = MODEL.compute_contributions(rows)
    assert parts.shape == rows.shape
    assert MODEL.bias + parts.sum(axis=1) == pytest.approx(odds, abs=1e-9)
    assert MODEL.compute_contributions(rows[3]).tolist() == parts[3].tolist()
    assert float(MODEL.predict_probability(rows[3])) == float(MODEL.predict_probability(rows)[3])


def test_a_veto_outweighs_every_other_signal() -> None:
    """Whatever the trees say: with a veto the probability is nothing."""
    names = np.array(SIGNAL_NAMES)
    perfect = np.where(np.isin(names, VETOES) | (names == "days_apart"), 0.0, 1.0)
    assert float(MODEL.predict_probability(perfect)) > 0.9
    for name in VETOES:
        assert float(MODEL.predict_probability(np.where(names == name, 1.0, perfect))) < 0.01


def test_dates_far_apart_lower_the_probability_and_unknown_ones_do_not() -> None:
    """Soft evidence: a year apart weighs, an unknown date says what the same day says."""
    near, far, unknown = (
        profiled(
            article("a", "\n\n".join(CHAIRS), published="2026-02-03"),
            article("b", "\n\n".join(LATER), **({"published": date} if date else {})),
        )
        for date in ("2026-02-03", "2027-02-03", None)
    )
    found = [score(one, other, MODEL).probability for one, other in (near, far, unknown)]
    assert found[1] < found[0] == found[2]


QUOTES = {
    "english": "The mayor said “we will not pay a crown” before she left the room on Monday.",
    "straight": 'The mayor said "we will not pay a crown" before she left the room on Monday.',
    "german": "The mayor said „we will not pay a crown“ before she left the room on Monday.",
    "polish": "The mayor said „we will not pay a crown” before she left the room on Monday.",
    "french": "The mayor said « we will not pay a crown » before she left the room on Monday.",
    "danish": "The mayor said »we will not pay a crown« before she left the room on Monday.",
    "swedish": "The mayor said ”we will not pay a crown” before she left the room on Monday.",
    "japanese": "The mayor said 「we will not pay a crown」 before she left the room on Monday.",
}


@pytest.mark.parametrize("style", QUOTES)
def test_quotations_are_found_in_every_style_of_quotation_marks(style: str) -> None:
    """A mark that opens in one language closes in another."""
    each = profiled(article(style, QUOTES[style]))[0]
    said = each.sentences.normalised[0].split()
    assert [word for word, quoted in zip(said, each.is_quoted, strict=True) if quoted] == [
        "we",
        "will",
        "not",
        "pay",
        "a",
        "crown",
    ]


def test_an_unclosed_quotation_ends_with_its_paragraph() -> None:
    """And where nearly all seems quoted, nothing is."""
    open_ended = profiled(article("a", "“We will not pay, she said.\n\n" + "\n\n".join(CHAIRS)))[0]
    assert open_ended.is_quoted[:6].all()
    assert not open_ended.is_quoted[6]
    assert not profiled(article("b", "“" + CHAIRS[0]))[0].is_quoted.any()
