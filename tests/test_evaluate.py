"""Stories against labels: the figures agree with slow oracles, scikit-learn and the shared scorer."""

from __future__ import annotations

import json
import math
import random
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import DATA, article
from newsdedup.cli import main
from newsdedup.config import Config
from newsdedup.engine import dedupe, dedupe_and_score
from newsdedup.errors import LabelsError
from newsdedup.evaluation import (
    LabelledPair,
    Labels,
    StoryRow,
    VariantRow,
    read_labels,
    read_stories,
    score_stories,
    story_rows,
)
from newsdedup.evaluation.clusters import ContingencyTable
from newsdedup.evaluation.pairs import DRAWS
from newsdedup.models import Aligned, Direction, Relation, Report, Score, Signal
from newsdedup.models.evaluation import Evaluation, MissCount, PairFigures, RequestedPair
from untidy_pages import ROOT, SHARED, labelled_articles, labelled_pairs

DOCS = (ROOT / "docs" / "output.md").read_text(encoding="utf-8")
GOLD = SHARED / "gold"
SCORER = GOLD / "score.py"
needs_scorer = pytest.mark.skipif(not SCORER.is_file(), reason="../shared/gold is not there: its scorer is not ours")


@contextmanager
def sklearn() -> Iterator[None]:
    """Import scikit-learn, whose own warnings are not ours to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def story(*ids: str, relations: Mapping[str, Relation] | None = None, probability: float = 0.9) -> StoryRow:
    """Return a story of these articles, the first its base."""
    found = relations or {}
    return StoryRow(
        story_id=f"story-{ids[0]}",
        title=f"Title of {ids[0]}",
        variants=tuple(
            VariantRow(
                article_id=each,
                title=each.upper(),
                relation=found.get(each, Relation.UPDATE if n else Relation.BASE),
                probability=probability if n else 1.0,
            )
            for n, each in enumerate(ids)
        ),
    )


def labels(*pairs: tuple[str, str, str], clusters: Mapping[str, str] | None = None, name: str | None = None) -> Labels:
    """Return labels of pairs `a b`, verdict (`+` or `-`) and relation; `clusters` are events."""
    made = tuple(
        LabelledPair(ids.split()[0], ids.split()[1], verdict == "+", relation or None, name)
        for ids, verdict, relation in pairs
    )
    required = frozenset(each for pair in made for each in (pair.a, pair.b))
    return Labels(made, {"event": clusters} if clusters else {}, required)


def asked(probability: float, *, candidate: bool = True, relation: Relation = Relation.UPDATE) -> RequestedPair:
    """Return what a run says of a pair of two reports that have one sentence in common."""
    one, other = (
        Report(article=article(name, name), title=f"Page {name}", title_inferred=False, paragraphs=(lines,))
        for name, lines in (("a", ("Shared.", "Mine.")), ("b", ("Yours.", "Shared!")))
    )
    return RequestedPair(
        one,
        other,
        candidate,
        Score(
            probability, 0.5, 0.5, relation, Direction.FROM_BASE,
            signals=(Signal("weak", 1, 0.1, "little"), Signal("strong", 2, -3, "much")),
            aligned=(Aligned(a=0, b=1, covered_a=1, covered_b=1, verbatim=0.9),),
        ),
    )  # fmt: skip


def every(evaluation: Evaluation) -> PairFigures:
    """Return the figures of all pairs."""
    return evaluation.pairs[0]


# -- pairs ----------------------------------------------------------------------------------------------------------


def test_pairs_are_counted_by_what_became_of_them() -> None:
    """Two articles count as merged when they ended in one story."""
    found = score_stories(
        labels(("a b", "+", "reprint"), ("a c", "+", "rewrite"), ("b d", "-", "related"), ("c d", "-", "same_event")),
        [story("a", "b", "d"), story("c")],
    )
    got = every(found)
    assert (got.pairs, got.hits, got.missed, got.wrong_merges, got.apart) == (4, 1, 1, 1, 1)
    assert (got.precision.value, got.recall.value, got.f1.value) == (0.5, 0.5, 0.5)
    assert [(each.relation, each.duplicate, each.merged, each.pairs) for each in found.relations] == [
        ("reprint", True, 1, 1), ("rewrite", True, 0, 1), ("related", False, 1, 1), ("same_event", False, 0, 1),
    ]  # fmt: skip


@settings(max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_pair_figures_agree_with_scikit_learn(verdicts: Sequence[tuple[bool, bool]]) -> None:
    """0 where nothing can be divided, as there."""
    with sklearn():
        from sklearn.metrics import precision_recall_fscore_support  # noqa: PLC0415 - its warnings are silenced

        truth, called = [duplicate for duplicate, _ in verdicts], [merged for _, merged in verdicts]
        wanted = precision_recall_fscore_support(truth, called, average="binary", zero_division=0)[:3]
    pairs = [(f"a{n} b{n}", "+" if duplicate else "-", "x") for n, (duplicate, _) in enumerate(verdicts)]
    stories = [story(f"a{n}", f"b{n}") for n, (_, merged) in enumerate(verdicts) if merged]
    stories += [story(f"{side}{n}") for n, (_, merged) in enumerate(verdicts) if not merged for side in "ab"]
    got = every(score_stories(labels(*pairs), stories))
    assert (got.precision.value, got.recall.value, got.f1.value) == pytest.approx(wanted, abs=1e-6)


def test_intervals_hold_the_value_and_narrow_with_more_pairs() -> None:
    """They are the same every time, and about as wide as a normal interval of a share."""

    def of(pairs: int) -> PairFigures:
        rows = [(f"a{n} b{n}", "+", "reprint") for n in range(pairs)]
        stories = [story(f"a{n}", f"b{n}") if n % 5 else story(f"a{n}") for n in range(pairs)]
        return every(score_stories(labels(*rows), [*stories, *(story(f"b{n}") for n in range(0, pairs, 5))]))

    few, many = of(100), of(1000)
    assert few == of(100)
    for got, pairs in ((few, 100), (many, 1000)):
        recall = got.recall
        assert recall.value == 0.8
        width = 2 * 1.96 * math.sqrt(0.8 * 0.2 / pairs)
        assert recall.high - recall.low == pytest.approx(width, rel=0.15)
        assert recall.low < recall.value < recall.high


def test_the_docs_describe_how_intervals_are_computed() -> None:
    """Their number of bootstrap samples."""
    assert f"over {DRAWS:,} bootstrap samples" in DOCS


def test_figures_are_given_for_each_set() -> None:
    """All pairs first, then each set by name; pairs without a set count among all."""
    rows = Labels(
        (
            LabelledPair("a", "b", True, "reprint", "two"),
            LabelledPair("a", "c", False, "related", "one"),
            LabelledPair("b", "c", False, "related", None),
        ),
        {},
        frozenset("abc"),
    )
    found = score_stories(rows, [story("a", "b", "c")])
    assert [(each.name, each.pairs, each.wrong_merges) for each in found.pairs] == [
        (None, 3, 2), ("one", 1, 1), ("two", 1, 0),
    ]  # fmt: skip


# -- relations ------------------------------------------------------------------------------------------------------

RIGHT = [
    ("reprint", Relation.REPRINT, True),
    ("reprint", Relation.IDENTICAL, True),
    ("reprint", Relation.UPDATE, False),
    ("abridged|update", Relation.UPDATE, True),
    ("abridged|update", Relation.ABRIDGED, True),
    ("abridged|update", Relation.REWRITE, False),
    ("abridged|reprint", Relation.IDENTICAL, True),
    ("rewrite", Relation.IDENTICAL, False),
]


@pytest.mark.parametrize(("label", "found", "right"), RIGHT)
def test_relation_is_right_where_the_label_names_it(label: str, found: Relation, right: bool) -> None:
    """`identical` counts as `reprint`, and of `x|y` either will do."""
    got = score_stories(
        labels(("a b", "+", label)),
        [story("a", "b")],
        scored_pairs={("a", "b"): asked(0.9, relation=found)},
        threshold=0.5,
    ).relation_right
    assert got is not None
    assert (got.checked, got.right, got.unchecked) == (1, int(right), 0)
    (count,) = got.found
    assert (count.labelled, count.pairs, count.right) == (label, 1, right)
    assert count.found is (Relation.REPRINT if found is Relation.IDENTICAL else found)


def test_without_texts_a_relation_is_known_only_against_the_base() -> None:
    """Of the three pairs of a story two have the base in them; a label that names no relation is not checked either."""
    got = score_stories(
        labels(("a b", "+", "update"), ("c a", "+", "rewrite"), ("b c", "+", "update"), ("a d", "+", "")),
        [story("a", "b", "c", "d")],
    ).relation_right
    assert got is not None
    assert (got.checked, got.right, got.unchecked) == (2, 1, 2)


def test_only_merged_duplicates_are_asked_for_their_relation() -> None:
    """A wrong merge has no right relation, and a missed duplicate was not given one."""
    got = score_stories(labels(("a b", "-", "related"), ("a c", "+", "update")), [story("a", "b"), story("c")])
    assert got.relation_right is not None
    assert (got.relation_right.checked, got.relation_right.unchecked) == (0, 0)


# -- full clusters --------------------------------------------------------------------------------------------------


def slow_bcubed(names: Sequence[int], stories: Sequence[int]) -> tuple[float, float]:
    """Return B-cubed precision and recall by the definition, article by article."""
    n = len(names)
    precision = recall = 0.0
    for i in range(n):
        mine = [j for j in range(n) if stories[j] == stories[i]]
        same = [j for j in range(n) if names[j] == names[i]]
        both = len(set(mine) & set(same))
        precision += both / len(mine) / n
        recall += both / len(same) / n
    return precision, recall


partitions = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=50)


@settings(max_examples=60)
@given(partitions)
def test_cluster_figures_agree_with_scikit_learn_and_a_slow_oracle(articles: Sequence[tuple[int, int]]) -> None:
    """On any two partitions, those of one cluster and of lone articles among them."""
    names, stories = [name for name, _ in articles], [number for _, number in articles]
    with sklearn():
        from sklearn import metrics  # noqa: PLC0415 - its warnings are silenced

        rand = metrics.adjusted_rand_score(names, stories)
        measures = metrics.homogeneity_completeness_v_measure(names, stories)
    found = ContingencyTable.from_pairs((str(name), number) for name, number in articles)
    precision, recall, f1 = found.bcubed_scores()
    assert (precision, recall) == pytest.approx(slow_bcubed(names, stories))
    assert f1 == pytest.approx(2 * precision * recall / (precision + recall))
    assert found.adjusted_rand() == pytest.approx(rand)
    homogeneity, completeness = found.homogeneity_completeness()
    assert (homogeneity, completeness) == pytest.approx(measures[:2], abs=1e-9)
    placed = list(articles)
    random.Random(1).shuffle(placed)  # noqa: S311 - no secret, only another order
    assert (
        ContingencyTable.from_pairs((str(name), number) for name, number in placed).bcubed_scores()
        == found.bcubed_scores()
    )


def test_a_story_that_mixes_clusters_is_listed() -> None:
    """With how many articles it has of each; articles without a label do not count."""
    clusters = {"a": "fire", "b": "fire", "c": "flood", "d": "flood", "gone": "flood"}
    (got,) = score_stories(
        labels(("a b", "+", "reprint"), clusters=clusters), [story("a", "b", "c", "extra"), story("d")]
    ).clusters
    assert (got.kind, got.articles, got.absent, got.clusters, got.stories) == ("event", 4, 1, 2, 2)
    assert (got.largest_story, [each.clusters for each in got.mixed_stories]) == (
        3,
        [{"fire": ("a", "b"), "flood": ("c",)}],
    )
    assert got.mixed_stories[0].story_id == "story-a"
    assert got.bcubed_precision == pytest.approx((4 / 3 + 1 / 3 + 1) / 4, abs=1e-6)
    assert got.bcubed_recall == pytest.approx((2 + 0.5 + 0.5) / 4)
    assert got.v_measure == pytest.approx(
        2 * got.homogeneity * got.completeness / (got.homogeneity + got.completeness), abs=1e-5
    )


def test_clusters_alone_need_no_pairs() -> None:
    """Then there are no figures of pairs."""
    got = score_stories(Labels((), {"cluster": {"a": "1", "b": "1"}}, frozenset("ab")), [story("a", "b")])
    assert (got.pairs, got.relations, got.relation_right, got.misses) == ((), (), None, ())
    assert got.clusters[0].adjusted_rand == got.clusters[0].v_measure == got.clusters[0].bcubed_f1 == 1


# -- misses ---------------------------------------------------------------------------------------------------------


def test_the_worst_misses_come_first() -> None:
    """Wrong merges, the surest first; then missed duplicates, the least likely first."""
    rows = labels(
        ("a b", "-", "related"), ("a c", "-", "same_event"), ("a d", "+", "rewrite"), ("a e", "+", "update"),
        ("b c", "+", "update"), ("d e", "-", "related"),
    )  # fmt: skip
    says = {("a", "b"): 0.4, ("a", "c"): 0.8, ("a", "d"): 0.6, ("a", "e"): 0.2, ("b", "c"): 0.1, ("d", "e"): 0.9}
    got = score_stories(
        rows,
        [story("a", "b", "c"), story("d"), story("e")],
        scored_pairs={key: asked(value) for key, value in says.items()},
        threshold=0.5,
        misses=9,
    )
    assert [(each.kind, each.a.article_id + each.b.article_id, each.probability) for each in got.misses] == [
        ("wrong_merge", "ac", 0.8), ("wrong_merge", "ab", 0.4),
        ("missed_duplicate", "ae", 0.2), ("missed_duplicate", "ad", 0.6),
    ]  # fmt: skip


CAUSES = [
    ("merged on its own", "-", "a b", asked(0.7), "score"),
    ("merged by others", "-", "a b", asked(0.3), "clustering"),
    ("too low", "+", "a c", asked(0.3), "score"),
    ("too low and no candidate", "+", "a c", asked(0.3, candidate=False), "score"),
    ("at the threshold, apart", "+", "a c", asked(0.5), "clustering"),
    ("never asked", "+", "a c", asked(0.5, candidate=False), "candidates"),
    ("nothing to score", "+", "a c", RequestedPair(asked(0).a, asked(0).b, False, None), "no_report"),
    ("nobody knows", "+", "a c", None, "unknown"),
]


@pytest.mark.parametrize(("verdict", "ids", "says", "cause"), [each[1:] for each in CAUSES], ids=[c[0] for c in CAUSES])
def test_a_miss_names_the_stage_to_look_at(verdict: str, ids: str, says: RequestedPair | None, cause: str) -> None:
    """A pair at or over the threshold that was not merged was kept apart by the clustering, if it was a candidate."""
    one, other = ids.split()
    got = score_stories(
        labels((ids, verdict, "update")),
        [story("a", "b"), story("c")],
        scored_pairs={(one, other): says} if says else None,
        threshold=0.5,
        misses=1,
    )
    assert [each.cause for each in got.misses] == [cause]
    kind = "wrong_merge" if verdict == "-" else "missed_duplicate"
    assert got.miss_counts == (MissCount.model_validate({"kind": kind, "cause": cause, "pairs": 1}),)


def test_a_miss_has_its_evidence() -> None:
    """Signals by strength, the aligned sentences, and what neither says of the other."""
    (got,) = score_stories(
        labels(("a c", "+", "rewrite"), name="set"), [story("a"), story("c")],
        scored_pairs={("a", "c"): asked(0.3)}, threshold=0.5, misses=5,
    ).misses  # fmt: skip
    assert [each.name for each in got.signals] == ["strong", "weak"]
    assert [(each.a, each.b, each.verbatim) for each in got.aligned] == [("Shared.", "Shared!", 0.9)]
    assert (got.a.uncovered, got.b.uncovered) == (("Mine.",), ("Yours.",))
    assert (got.a.title, got.b.title, got.label, got.set) == ("Page a", "Page b", "rewrite", "set")
    assert (got.relation, got.direction, got.candidate) == (Relation.UPDATE, Direction.FROM_BASE, True)


def test_without_texts_a_miss_has_what_the_story_contains() -> None:
    """Probability and relation where one is the base, turned where that is b."""
    base, other = (
        VariantRow(article_id="a", relation=Relation.BASE, probability=1),
        VariantRow(
            article_id="b", relation=Relation.ABRIDGED, direction=Direction.FROM_BASE, probability=0.8, title="B"
        ),
    )
    third = VariantRow(article_id="c", relation=Relation.UPDATE, probability=0.7)
    stories = [StoryRow(story_id="s", variants=(base, other, third))]
    got = score_stories(labels(("b a", "-", "related"), ("b c", "-", "related")), stories, misses=5).misses
    assert [(each.b.article_id, each.probability, each.relation, each.direction) for each in got] == [
        ("a", 0.8, Relation.ABRIDGED, Direction.TO_BASE), ("c", None, None, Direction.UNKNOWN),
    ]  # fmt: skip
    assert (got[0].a.title, got[0].a.story_id, got[0].cause) == ("B", "s", "unknown")


def test_misses_are_counted_though_not_shown() -> None:
    """So that the reader knows that there are some."""
    got = score_stories(labels(("a b", "-", "related")), [story("a", "b")])
    assert (got.misses, [each.pairs for each in got.miss_counts]) == ((), [1])


# -- what cannot be evaluated ---------------------------------------------------------------------------------------


def test_labelled_articles_in_no_story_are_named() -> None:
    """How many, and the first few."""
    rows = labels(*((f"a x{n}", "+", "reprint") for n in range(7)))
    with pytest.raises(LabelsError, match=r"^7 of 8 labelled articles are in no story: 'x0', .*'x4' and 2 more; "):
        score_stories(rows, [story("a")])


def test_clusters_may_label_more_than_was_run_but_not_all_of_it() -> None:
    """A file of events is wider than a sample of its articles; a file of other articles is a mistake."""
    with pytest.raises(LabelsError, match=r"^none of the 2 articles labelled by event is in a story: 'x', 'y'; "):
        score_stories(labels(("a b", "+", ""), clusters={"x": "1", "y": "1"}), [story("a", "b")])


def test_an_article_in_two_stories_is_an_error() -> None:
    """Stories of two runs in one file."""
    with pytest.raises(LabelsError, match=r"^article 'b' is in the stories twice"):
        score_stories(labels(("a b", "+", "")), [story("a", "b"), story("b")])


# -- reading --------------------------------------------------------------------------------------------------------

BROKEN = [
    ('{"a": "x", "b": "y", "duplicate": true', "broken JSON: "),
    ("[1]", "the row is not an object with a, b and duplicate"),
    ('{"a": "x", "b": "y"}', "duplicate must be true or false"),
    ('{"a": "x", "b": "y", "duplicate": "yes"}', "duplicate must be true or false"),
    ('{"a": "x", "duplicate": true}', "b is missing"),
    ('{"a": "x", "b": 1.5, "duplicate": true}', "b must be a string or a whole number"),
    ('{"a": "x", "b": [1], "duplicate": true}', "b must be a string or a whole number"),
    ('{"a": "x", "b": "x", "duplicate": true}', "a and b are the same article, 'x'"),
    ('{"a": "q", "b": "p", "duplicate": false}', "'q' and 'p' are labelled differently at"),
    ('{"id": "x"}', "a row with an id needs one of story, cluster, event"),
    ('{"id": "e", "event": "other"}', "'e' is in another event at"),
]


@pytest.mark.parametrize(("row", "says"), BROKEN, ids=[row for row, _ in BROKEN])
def test_a_broken_row_names_its_line(tmp_path: Path, row: str, says: str) -> None:
    """In one line, with what to do; blank lines count as lines."""
    path = tmp_path / "labels.jsonl"
    good = '{"a": "p", "b": "q", "duplicate": true}\n\n{"id": "e", "event": "fire"}\n'
    path.write_text(good + row + "\n", encoding="utf-8")
    with pytest.raises(LabelsError) as raised:
        read_labels(str(path))
    message = str(raised.value)
    assert message.startswith(f"{path}:4: {says}")
    assert message.endswith("; fix or remove the row")
    assert "\n" not in message


def test_labels_may_hold_pairs_and_clusters_in_one_file(tmp_path: Path) -> None:
    """Whole numbers are ids too; a second file adds clusters that need not be in the stories."""
    path, more = tmp_path / "labels.jsonl", tmp_path / "clusters.jsonl"
    path.write_text('{"a": 1, "b": "2", "duplicate": true, "relation": "x|y"}\n{"id": "3", "story": "s", "event": 7}\n')
    more.write_text('{"id": "4", "event": "7"}\n')
    got = read_labels(str(path), str(more))
    assert got.pairs == (LabelledPair("1", "2", True, "x|y", None),)
    assert got.clusters == {"story": {"3": "s"}, "event": {"3": "7", "4": "7"}}
    assert got.required == {"1", "2", "3"}


def test_sets_choose_the_rows(tmp_path: Path) -> None:
    """Clusters without a set stay; an unknown set is an error that lists those there are."""
    path = tmp_path / "labels.jsonl"
    rows = [
        {"a": "1", "b": "2", "duplicate": True, "set": "one"},
        {"a": "3", "b": "4", "duplicate": True, "set": "two"},
        {"id": "5", "event": "e", "set": "two"},
        {"id": "6", "event": "e"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    got = read_labels(str(path), sets=["one"])
    assert ([pair.a for pair in got.pairs], got.clusters) == (["1"], {"event": {"6": "e"}})
    assert got.required == frozenset("126")
    with pytest.raises(LabelsError, match=r"is in set 'three'; existing sets: one, two$"):
        read_labels(str(path), sets=["one", "three"])


@pytest.mark.parametrize("content", [b"", b"\n\n"], ids=["empty", "blank"])
def test_labels_that_label_nothing_are_an_error(tmp_path: Path, content: bytes) -> None:
    """An empty file would pass every gate."""
    path = tmp_path / "labels.jsonl"
    path.write_bytes(content)
    with pytest.raises(LabelsError, match="the file has no labels"):
        read_labels(str(path))


def test_labels_in_another_encoding_name_the_line(tmp_path: Path) -> None:
    """UTF-8 with or without a mark."""
    path = tmp_path / "labels.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a": "1", "b": "2", "duplicate": true}\n{"a": "\xe9"}\n')
    with pytest.raises(LabelsError, match=r":2: not UTF-8"):
        read_labels(str(path))
    path.write_bytes(path.read_bytes().splitlines()[0])
    assert len(read_labels(str(path)).pairs) == 1


STORY = {"story_id": "s", "variants": [{"article_id": "a", "relation": "base", "new_field": 1}, {"article_id": 7}]}
FILES = {
    "lines": json.dumps(STORY) + "\n\n" + json.dumps(STORY | {"variants": []}),
    "document": json.dumps({"schema_version": "1", "stories": [STORY, STORY | {"variants": []}]}, indent=1),
    "one story": json.dumps(STORY),
}


@pytest.mark.parametrize("kind", FILES)
def test_stories_are_read_as_ingest_writes_them(tmp_path: Path, kind: str) -> None:
    """A document or lines; fields that a later version adds are passed over."""
    path = tmp_path / "stories"
    path.write_text(FILES[kind])
    got = read_stories(str(path))
    assert len(got) == (1 if kind == "one story" else 2)
    assert [each.article_id for each in got[0].variants] == ["a", "7"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"variants": []}\n{"stories": 1}\n', ":2: not a story: variants: Field required"),
        ('{"variants": []}\nnot JSON\n', ":2: broken JSON"),
        (
            '{"stories": [{"variants": [{"article_id": "a", "relation": "twin"}]}]}',
            ": story 1: not a story: variants.0",
        ),
        ("[]", ":1: not a story"),
        ('{\n "stories": [\n  {"variants": [}\n', ":3: broken JSON: "),
    ],
)
def test_a_broken_story_names_its_place(tmp_path: Path, text: str, says: str) -> None:
    """And what the file should be."""
    path = tmp_path / "stories"
    path.write_text(text)
    with pytest.raises(LabelsError) as raised:
        read_stories(str(path))
    assert f"{path}{says}" in str(raised.value)


# -- with the pipeline ----------------------------------------------------------------------------------------------

ONE = Config(workers=1)
KEYS = [(pair["a"], pair["b"]) for pair in labelled_pairs()]


@cache
def own() -> tuple[Evaluation, Evaluation]:
    """Return our own labelled articles evaluated with their texts, and by their stories alone."""
    result, answers = dedupe_and_score(labelled_articles().values(), KEYS, ONE)
    found, rows = read_labels(str(DATA / "labelled_pairs.jsonl")), story_rows(result.stories)
    return score_stories(found, rows, scored_pairs=answers, threshold=0.5, misses=99), score_stories(
        found, rows, misses=99
    )


def test_asking_changes_nothing_in_the_result() -> None:
    """Whatever is asked, the stories are those of `dedupe`; ids that no article has are left out."""
    articles = list(labelled_articles().values())
    result, answers = dedupe_and_score(articles, [*KEYS, ("en-lift-agency", "nobody")], ONE)
    assert result == dedupe(articles, ONE)
    assert list(answers) == KEYS


def test_a_pair_is_reported_in_the_order_of_its_label() -> None:
    """Asked the other way, the score is the other way."""
    articles = list(labelled_articles().values())
    there, back = ("en-lift-agency", "en-lift-abridged"), ("en-lift-abridged", "en-lift-agency")
    _, answers = dedupe_and_score(articles, [there, back], ONE)
    one, other = answers[there].score, answers[back].score
    assert one is not None
    assert other is not None
    assert (answers[there].a, answers[there].b) == (answers[back].b, answers[back].a)
    assert one.probability == other.probability
    assert (one.direction, other.direction) == (Direction.FROM_BASE, Direction.TO_BASE)
    assert answers[there].candidate


def test_one_text_under_two_ids_is_a_candidate_and_a_page_without_report_none() -> None:
    """Equal reports are matched as one before any pair is scored; an empty page has no score."""
    text = next(iter(labelled_articles().values())).text
    pages = [article("a", text, title="One"), article("b", text, title="One"), article("c", "Share\nShare\n")]
    _, answers = dedupe_and_score(pages, [("a", "b"), ("a", "c")], ONE)
    same, empty = answers["a", "b"], answers["a", "c"]
    assert same.candidate
    assert same.score is not None
    assert (same.score.relation, same.score.probability) == (Relation.IDENTICAL, 1)
    assert empty.candidate is (empty.score is not None) is False


def test_both_ways_agree_but_for_what_needs_the_texts() -> None:
    """The same pairs are merged; a file of stories knows fewer relations and no causes."""
    full, told = own()
    assert full.pairs == told.pairs
    assert full.relations == told.relations
    assert {(each.a.article_id, each.b.article_id) for each in full.misses} == {
        (each.a.article_id, each.b.article_id) for each in told.misses
    }
    assert full.relation_right is not None
    assert told.relation_right is not None
    assert full.relation_right.unchecked == 0 < told.relation_right.unchecked
    assert {each.cause for each in told.miss_counts} == {"unknown"}
    assert "unknown" not in {each.cause for each in full.miss_counts}
    assert all(each.signals for each in full.misses)


def test_the_order_of_labels_and_stories_changes_nothing() -> None:
    """Nor does the number of processes: the same evaluation, to the last digit."""
    result, answers = dedupe_and_score(labelled_articles().values(), KEYS, Config(workers=2))
    found = read_labels(str(DATA / "labelled_pairs.jsonl"))
    clusters = {each: each[:2] for each in labelled_articles()}

    def of(order: int) -> Evaluation:
        rows = Labels(found.pairs[::order], {"event": dict(list(clusters.items())[::order])}, found.required)
        return score_stories(rows, story_rows(result.stories)[::order], scored_pairs=answers, threshold=0.5, misses=99)

    assert of(1) == of(-1)
    assert of(1).misses == own()[0].misses != ()


def printed(text: str) -> dict[str, tuple[str, ...]]:
    """Return what the shared scorer prints, by set: pairs, F1, precision, recall."""
    rows = re.findall(r"^(\S+) +n +(\d+)  F1 (\S+) \[.*\]  precision (\S+)  recall (\S+)$", text, re.MULTILINE)
    return {row[0]: row[1:] for row in rows}


@needs_scorer
@pytest.mark.parametrize("corpus", ["own", "bbc2004"])
def test_figures_agree_with_the_shared_scorer(corpus: str, tmp_path: Path) -> None:
    """On the same file of stories, to the decimals that it prints."""
    if corpus == "own":
        pairs, articles, sets = DATA / "labelled_pairs.jsonl", DATA / "labelled.jsonl", "own"
    else:
        pairs, articles, sets = GOLD / "pairs.jsonl", GOLD / "bbc2004.jsonl", "bbc2004"
    stories, events, out = tmp_path / "stories.jsonl", tmp_path / "events.jsonl", tmp_path / "evaluation.json"
    ids = [json.loads(line)["id"] for line in articles.read_text(encoding="utf-8").splitlines()]
    # Stories of our own making, so that there are wrong merges and misses of every kind.
    chance = random.Random(7)  # noqa: S311 - no secret, only variety
    rows = [json.loads(line) for line in pairs.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["set"] == sets]
    home = {each: n for n, each in enumerate(ids)}
    for row in rows:
        if chance.random() < (0.8 if row["duplicate"] else 0.1):
            home = {each: home[row["a"]] if n == home[row["b"]] else n for each, n in home.items()}
    inside: dict[int, list[str]] = {}
    for each, n in home.items():
        inside.setdefault(n, []).append(each)
    stories.write_text(
        "".join(json.dumps({"variants": [{"article_id": each} for each in found]}) + "\n" for found in inside.values())
    )
    events.write_text("".join(json.dumps({"id": each, "event": each[:2]}) + "\n" for each in ids))
    ran = subprocess.run(
        [sys.executable, str(SCORER), str(pairs), str(stories), "--sets", sets, "--events", str(events)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    argv = [str(pairs), "--stories", str(stories), "--sets", sets, "--clusters", str(events)]
    assert main(["evaluate", *argv, "-f", "json", "-o", str(out)]) == 0
    got = Evaluation.model_validate_json(out.read_text(encoding="utf-8"))
    for figures in got.pairs:
        shown = (f"{figures.f1.value:.3f}", f"{figures.precision.value:.3f}", f"{figures.recall.value:.3f}")
        assert printed(ran)[figures.name or "all"] == (str(figures.pairs), *shown)
    assert f"wrong merges {every(got).wrong_merges}\n" in ran
    assert every(got).wrong_merges > 0 < every(got).missed
    merged = {each.relation: (each.merged, each.pairs) for each in got.relations}
    theirs = re.findall(r"^  (\S+) +merged +(\d+) of +(\d+)$", ran, re.MULTILINE)
    assert {name: (int(part), int(whole)) for name, part, whole in theirs} == merged
    (clusters,) = got.clusters
    assert f"B-cubed precision {clusters.bcubed_precision:.4f}, " in ran
    assert f"stories that mix events {len(clusters.mixed_stories)}, largest story {clusters.largest_story}" in ran
