"""The library: its public names and types, what it takes as input, and that docs/library.md is correct."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from mypy import api

import newsdedup
from builders import DATA, SEEDS, article, records
from newsdedup import (
    Article,
    Change,
    ChangedStory,
    Config,
    InputError,
    LabelsError,
    NewsdedupError,
    Result,
    Store,
    UnknownArticleError,
    check,
    compare,
    dedupe,
    evaluate,
    iter_stories,
    load,
)
from newsdedup.models import Item, Refusal
from newsdedup.models.store import StoreResult

ROOT = Path(__file__).parents[1]
GUIDE = ROOT.joinpath("docs", "library.md").read_text(encoding="utf-8")
PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
ONE = Config(workers=1)

FERRY = (
    "The harbour of Karsholm was closed on Friday after a ferry hit a pier in the evening rush.\n\n"
    "Nineteen passengers were hurt, two of them seriously, the police and the rescue services said.\n\n"
    "Divers will inspect the hull on Monday, the company that owns the ferry announced."
)
BUDGET = (
    "The parliament passed the budget for next year on Thursday with a majority of four votes.\n\n"
    "The opposition said that it would challenge the new tax on heating oil in court."
)


@pytest.fixture(scope="module")
def seeds_result() -> Result:
    """Return the result of the seeds."""
    return dedupe(load([SEEDS]), ONE)


# -- names and types ---------------------------------------------------------------------------------------------------


def run_python(code: str) -> str:
    """Return what a new interpreter prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_names_are_listed_before_they_are_imported() -> None:
    """`dir` in a fresh interpreter has the whole API and imports none of it."""
    code = (
        "import sys, newsdedup; print(*dir(newsdedup)); print(*(m for m in sys.modules if m.startswith('newsdedup')))"
    )
    names, modules = run_python(code).splitlines()
    assert set(newsdedup.__all__) <= set(names.split())
    assert modules == "newsdedup"


@pytest.mark.parametrize("name", newsdedup.__all__)
def test_every_public_name_exists_and_is_in_the_guide(name: str) -> None:
    assert getattr(newsdedup, name)
    assert re.search(rf"\b{name}\b", GUIDE)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'dedup'"):
        newsdedup.dedup  # type: ignore[attr-defined] # noqa: B018


def test_errors_have_one_root() -> None:
    """So that a program can catch all of them at once."""
    errors = [getattr(newsdedup, name) for name in newsdedup.__all__ if name.endswith("Error")]
    assert len(errors) == 11
    assert all(issubclass(error, NewsdedupError) for error in errors)


# -- items -------------------------------------------------------------------------------------------------------------


def test_texts_mappings_and_articles_give_the_same_stories() -> None:
    """They differ in ids and paths only."""
    named = {"a": FERRY, "b": FERRY + "\n\nA replacement will run.", "c": BUDGET}
    as_articles = dedupe([article(name, text) for name, text in named.items()], ONE)
    assert dedupe([{"id": name, "text": text} for name, text in named.items()], ONE) == as_articles
    assert dedupe((Article.of(name, text) for name, text in named.items()), ONE) == as_articles
    texts = dedupe(list(named.values()), ONE)
    assert sorted(story.text for story in texts.stories) == sorted(story.text for story in as_articles.stories)


def test_the_order_of_items_without_ids_changes_nothing() -> None:
    """Their ids are computed from their values."""
    items: list[Item] = [FERRY, BUDGET, {"text": FERRY, "source": "Courier"}, FERRY]
    results = [dedupe(order, ONE) for order in permutations(items)]
    assert all(result == results[0] for result in results)
    assert (results[0].summary.articles, results[0].summary.repeated) == (3, 1)
    assert {len(variant.article_id) for story in results[0].stories for variant in story.variants} == {16}


def test_what_load_yields_can_be_mixed_with_texts() -> None:
    result = dedupe([*load([SEEDS / "ferry-update.txt"]), FERRY, {"text": BUDGET}], ONE)
    assert result.summary.articles == 3


@dataclass(frozen=True)
class NAType:
    """Behaves like `pandas.NA`, which refuses to be compared."""

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    def __eq__(self, other: object) -> Any:
        return self

    def __hash__(self) -> int:
        return 0


class NaTType(datetime):
    """Behaves like `pandas.NaT`: a datetime that does not equal itself."""

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    __hash__ = datetime.__hash__


MISSING = {
    "None": None,
    "float nan": float("nan"),
    "numpy nan": np.float32("nan"),
    "Decimal NaN": Decimal("sNaN"),
    "NaT": NaTType(2000, 1, 1),
    "numpy NaT": np.datetime64("NaT"),
    "NA": NAType(),
    "blank": " \n",
}


@pytest.mark.parametrize("value", MISSING.values(), ids=MISSING)
def test_missing_values_count_as_not_there(value: object) -> None:
    row = {"id": value, "text": FERRY, "title": value, "date": value, "section": value}
    ((variant,),) = (story.variants for story in dedupe([row], ONE).stories)
    assert (variant.title_inferred, variant.published, variant.published_raw) == (True, None, None)
    assert len(variant.article_id) == 16
    assert variant.extra["section"] == (value if isinstance(value, str) else None)


@pytest.mark.parametrize("value", MISSING.values(), ids=MISSING)
def test_an_item_without_text_is_rejected_with_its_position(value: object) -> None:
    """Also a missing value in place of an item, as in a column of texts."""
    result = dedupe([BUDGET, {"text": value}, value], ONE)  # type: ignore[list-item]
    found = [(rejected.path, rejected.record, rejected.kind) for rejected in result.rejected]
    assert found == [("items", 2, Refusal.EMPTY), ("items", 3, Refusal.EMPTY)]
    assert result.summary.records == 3


USABLE = {
    "date": (date(2025, 9, 12), "2025-09-12"),
    "datetime": (datetime(2025, 9, 12, 19, 55, tzinfo=UTC), "2025-09-12T19:55:00+00:00"),
    "datetime without a zone": (datetime(2025, 9, 12, 19, 55, 1, 500000), "2025-09-12T19:55:01.500000"),  # noqa: DTZ001
    "numpy date": (np.datetime64("2025-09-12"), "2025-09-12"),
    "numpy datetime": (np.datetime64("2025-09-12T19:55:00", "ns"), "2025-09-12T19:55:00.000000000"),
    "text": ("12 September 2025", "2025-09-12"),
    "a number, which may count from any day": (20250912, None),
}


@pytest.mark.parametrize(("value", "published"), USABLE.values(), ids=USABLE)
def test_dates_become_iso_8601(value: object, published: str | None) -> None:
    ((variant,),) = (story.variants for story in dedupe([{"text": FERRY, "published": value}], ONE).stories)
    assert variant.published == published


EXTRA = {
    "numpy integer": (np.int64(7), 7),
    "numpy boolean": (np.bool_(True), True),
    "UUID": (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    "Decimal": (Decimal("1.50"), "1.50"),
    "tuple": ((1, None, float("nan")), [1, None, None]),
    "mapping": ({"day": date(2025, 1, 2)}, {"day": "2025-01-02"}),
    "enumeration": (Change.NEW, "new"),
}


@pytest.mark.parametrize(("value", "kept"), EXTRA.values(), ids=EXTRA)
def test_other_values_stay_in_extra_as_json_has_them(value: object, kept: object) -> None:
    result = dedupe([{"text": FERRY, "other": value}], ONE)
    assert result.stories[0].variants[0].extra == {"other": kept}
    assert Result.model_validate_json(result.model_dump_json()) == result


def test_ids_may_be_numbers() -> None:
    rows: list[Mapping[str, object]] = [{"id": 17, "text": FERRY}, {"id": np.int64(18), "text": BUDGET}]
    assert {variant.article_id for story in dedupe(rows, ONE).stories for variant in story.variants} == {"17", "18"}


UNUSABLE: dict[str, tuple[Any, str]] = {
    "a text in place of a list": (FERRY, "not a single str"),
    "bytes in place of a list": (FERRY.encode(), "not a single bytes"),
    "an article in place of a list": (article("a", FERRY), "not a single Article"),
    "a mapping in place of a list": ({"text": FERRY}, "not a single dict"),
    "nothing": (None, "not NoneType"),
    "a number as an item": ([FERRY, 7], "item 2 is of the type int"),
    "a path as an item": ([SEEDS], "item 1 is of the type"),
    "no text field": ([FERRY, {"article": FERRY}], "item 2 .* none of text, body, content"),
    "a text that is a number": ([{"text": 7}], "item 1 .* not a string but a number"),
    "bytes as a value": ([FERRY, {"text": FERRY, "source": b"C"}], "item 2: the field 'source' has .* type bytes"),
    "a set as a value": ([{"text": FERRY, "tags": {"a"}}], "item 1: the field 'tags' has .* type set"),
    "an object deep in a value": (
        [{"text": FERRY, "x": [{"y": object()}]}],
        "item 1: the field 'x' has .* type object",
    ),
    "a key that is a number": ([{"text": FERRY, 0: "x"}], "item 1: the field name 0"),
    "a key that is a number, in a value": ([{"text": FERRY, "x": {0: 1}}], "item 1: the field 'x' has .* key 0"),
}


@pytest.mark.parametrize(("items", "message"), UNUSABLE.values(), ids=UNUSABLE)
def test_what_cannot_be_used_is_named(items: Any, message: str) -> None:
    """By its position, counted from 1, and its field."""
    with pytest.raises(InputError, match=message):
        dedupe(items, ONE)


def test_a_table_in_place_of_a_list_is_refused() -> None:
    """Iterating over a pandas table yields the names of its columns, which would be taken for texts."""

    class Table(list[str]):
        columns = ("text", "title")

    with pytest.raises(InputError, match=r"to_dict\('records'\)"):
        dedupe(Table(["text", "title"]), ONE)


def test_compare_takes_texts_and_mappings() -> None:
    comparison = compare(FERRY, {"id": "b", "body": FERRY + "\n\nA replacement will run."}, ONE)
    assert comparison.same_report
    assert comparison.b.article_id == "b"
    with pytest.raises(InputError, match="item 2 cannot be used: no text"):
        compare(FERRY, " ")


def test_check_names_items_by_their_position() -> None:
    """A text that is known already is a duplicate, not the same item; and so are equal new ones."""
    report = check([BUDGET, FERRY], [{"text": FERRY}], ONE)
    (finding,) = [finding for finding in report.findings if finding.code == "ND101"]
    assert finding.other is not None
    assert (finding.location.path, finding.other.path) == ("item 2", "known item 1")
    assert report.files == ("item 1", "item 2")
    assert [finding.code for finding in check([FERRY] * 3, (), ONE).findings if finding.relation] == ["ND101"] * 2


def test_check_leaves_out_a_known_record_that_is_an_earlier_copy() -> None:
    """A record with the path and number of a new one is not known as well: it would duplicate itself."""
    new, earlier = article("a", FERRY), article("a", FERRY + "\n\nA replacement will run.")
    report = check([new], [earlier], ONE)
    assert (report.summary.new, report.summary.known, report.findings) == (1, 0, ())


def test_check_reports_an_item_without_text() -> None:
    report = check([{"text": None}], [{"text": None}], ONE)
    assert [(finding.location.path, finding.severity.value) for finding in report.findings] == [("item 1", "error")]


def test_a_store_takes_texts_and_does_not_take_them_twice(tmp_path: Path) -> None:
    with Store(tmp_path / "news.db", ONE) as store:
        assert store.ingest([FERRY, {"text": BUDGET}]).summary.articles == 2
        assert store.ingest([{"text": FERRY}, BUDGET]).summary.repeated == 2


def test_article_of_fills_in_what_is_not_given() -> None:
    made = Article.of("a", FERRY, published=datetime(2025, 9, 12, 19, 55, tzinfo=UTC))
    assert (made.path, made.record, made.published) == ("a", 1, "2025-09-12T19:55:00+00:00")
    assert Article.of("a", FERRY, published="Friday").published_raw == "Friday"


# -- results -----------------------------------------------------------------------------------------------------------


def test_story_of_finds_each_article(seeds_result: Result) -> None:
    for story in seeds_result.stories:
        assert all(seeds_result.story_of(variant.article_id) is story for variant in story.variants)


def test_story_of_refuses_an_unknown_id_in_one_line(seeds_result: Result) -> None:
    with pytest.raises(UnknownArticleError, match=r"^no story of the result has an article with the id 'nobody'"):
        seeds_result.story_of("nobody")
    with pytest.raises(KeyError):
        seeds_result.story_of("nobody")


def test_story_of_leaves_the_result_as_it_is() -> None:
    """Equal, printed alike, and not mistaken in a copy that has other stories."""
    result, unused = (dedupe([article("a", FERRY), article("b", BUDGET)], ONE) for _ in range(2))
    result.story_of("a")
    assert result == unused
    assert result.model_dump_json() == unused.model_dump_json()
    copied = result.model_copy(update={"stories": result.stories[::-1]})
    assert [variant.article_id for variant in copied.story_of("a").variants] == ["a"]


def test_results_are_shown_as_one_line(tmp_path: Path, seeds_result: Result) -> None:
    """At a prompt, thousands of stories would scroll everything else away."""
    assert repr(seeds_result) == "Result(stories=17, merged_stories=5, articles=24, rejected=0)"
    with Store(tmp_path / "news.db", ONE) as store:
        changed = store.ingest([FERRY])
    assert str(changed) == (
        "StoreResult(stories=1, merged_stories=0, articles=1, rejected=0, store_stories=1, store_articles=1)"
    )
    report = check([article("a", FERRY)], (), ONE)
    assert repr(report) == "CheckReport(failed=False, errors=0, warnings=0, notes=0, new=1, known=0)"


def test_every_run_on_a_store_returns_changed_stories(tmp_path: Path) -> None:
    runs: list[Callable[[Store, str], StoreResult]] = [
        lambda store, story: store.split(story, ["b"]),
        lambda store, _: store.undo(1),
        lambda store, _: store.rebuild(),
        lambda store, _: store.forget(["b"]),
    ]
    with Store(tmp_path / "news.db", ONE) as store:
        result = store.ingest([article("a", FERRY), article("b", FERRY + "\n\nA replacement will run.")])
        story = result.story_of("a")
        assert isinstance(story, ChangedStory)
        assert (type(result), story.change) == (StoreResult, "new")
        for run in runs:
            changed = run(store, story.story_id)
            assert type(changed) is StoreResult
            assert all(isinstance(changed_story, ChangedStory) for changed_story in changed.stories)
            assert StoreResult.model_validate_json(changed.model_dump_json()) == changed


# -- iter_stories ------------------------------------------------------------------------------------------------------


@pytest.fixture
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder in which runs keep their temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_iter_stories_yields_the_stories_of_dedupe(seeds_result: Result, temporary_folder: Path) -> None:
    assert tuple(iter_stories(load([SEEDS]), ONE)) == seeds_result.stories
    assert not list(temporary_folder.iterdir())


def test_closing_iter_stories_removes_its_files(temporary_folder: Path) -> None:
    stories = iter_stories([FERRY, BUDGET], ONE)
    next(stories)
    assert list(temporary_folder.iterdir())
    stories.close()
    assert not list(temporary_folder.iterdir())


def test_an_error_in_the_input_of_iter_stories_removes_its_files(temporary_folder: Path) -> None:
    def read_items() -> Iterator[str]:
        yield FERRY
        raise OSError("the feed ended")

    with pytest.raises(OSError, match="the feed ended"):
        next(iter_stories(read_items(), ONE))
    assert not list(temporary_folder.iterdir())


def test_iter_stories_leaves_threads_alone_between_stories(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit on threads of matrix operations is for the run, not for the program that reads the stories."""
    in_force: list[str] = []

    class Limits:
        def __init__(self, **_: object) -> None:
            pass

        def __enter__(self) -> None:
            in_force.append("limit")

        def __exit__(self, *_: object) -> None:
            in_force.pop()

    monkeypatch.setattr("newsdedup.engine.context.threadpool_limits", Limits)
    stories = iter_stories([FERRY, BUDGET], ONE)
    assert next(stories).variants
    assert not in_force
    stories.close()


# -- evaluate ----------------------------------------------------------------------------------------------------------

PAIRS: list[dict[str, object]] = [
    {"a": "a", "b": "b", "duplicate": True},
    {"a": "a", "b": "c", "duplicate": False},
    {"a": "b", "b": "c", "duplicate": True},
]


def test_evaluate_takes_a_result_stories_or_a_file(tmp_path: Path) -> None:
    """And labels as rows or as a file; the figures are the same."""
    items = [article("a", FERRY), article("b", FERRY + "\n\nA replacement will run."), article("c", BUDGET)]
    result = dedupe(items, ONE)
    evaluation = evaluate(result, PAIRS, misses=9)
    overall = evaluation.pairs[0]
    assert (overall.hits, overall.missed, overall.apart, overall.wrong_merges) == (1, 1, 1, 0)
    assert [(miss.a.article_id, miss.b.article_id) for miss in evaluation.misses] == [("b", "c")]
    stories_file, labels_file = tmp_path / "stories.json", tmp_path / "labels.jsonl"
    stories_file.write_text(result.model_dump_json(), encoding="utf-8")
    labels_file.write_text("".join(f"{row}\n" for row in PAIRS).replace("'", '"').replace("True", "true")
                           .replace("False", "false"), encoding="utf-8")  # fmt: skip
    for stories in (result.stories, iter_stories(items, ONE), stories_file, str(stories_file)):
        for labels in (PAIRS, iter(PAIRS), labels_file):
            if not isinstance(stories, Iterator) or labels is PAIRS:
                assert evaluate(stories, labels, misses=9) == evaluation


def test_evaluate_takes_labels_of_clusters(seeds_result: Result) -> None:
    rows = [{"id": "seeds/ferry-update.txt", "event": "ferry"}, {"id": "seeds/bridge-closure.txt", "event": "bridge"}]
    rows = [{**row, "id": str(SEEDS.parent / row["id"])} for row in rows]
    (clusters,) = evaluate(seeds_result, rows).clusters
    assert (clusters.kind, clusters.articles, clusters.bcubed_f1) == ("event", 2, 1.0)


def test_evaluate_agrees_with_the_labelled_pairs_of_the_tests() -> None:
    result = dedupe(load([DATA / "labelled.jsonl"]), ONE)
    from_rows = evaluate(result, records("labelled_pairs.jsonl"))
    assert from_rows == evaluate(result, DATA / "labelled_pairs.jsonl")
    assert from_rows.pairs[0].pairs > 20


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "there are no labels"),
        ([*PAIRS, {"a": "a"}], "row 4: b is missing"),
        (["a"], "row 1: the row is not an object"),
    ],
)
def test_evaluate_names_the_row_that_is_wrong(rows: Any, message: str, seeds_result: Result) -> None:
    with pytest.raises(LabelsError, match=message):
        evaluate(seeds_result, rows)


# -- the documents -----------------------------------------------------------------------------------------------------


def python_blocks(document: str) -> list[tuple[str, str | None]]:
    """Return the Python blocks of a document, each with the `text` block after it: what it prints."""
    return [(match[1], match[2]) for match in PYTHON_BLOCK.finditer(document)]


@pytest.mark.parametrize(
    ("code", "output"), python_blocks(GUIDE), ids=[f"block-{n}" for n, _ in enumerate(python_blocks(GUIDE), 1)]
)
def test_the_guide_prints_what_it_shows(
    code: str, output: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every block runs by itself, in a folder that has only the seeds."""
    shutil.copytree(SEEDS, tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "library.md", "exec"), {"__name__": "__main__"})  # noqa: S102 - ours
    assert capsys.readouterr().out == output


@pytest.mark.slow
def test_documented_code_type_checks(tmp_path: Path) -> None:
    """The Python blocks of all documents pass `mypy --strict` in the hands of a user.

    Not those that begin with a path: they show a file of the package in short.
    """
    checked = []
    for path in (ROOT / "README.md", *sorted(ROOT.joinpath("docs").glob("*.md"))):
        for number, (code, _) in enumerate(python_blocks(path.read_text(encoding="utf-8")), 1):
            if code.startswith("# src/"):
                continue
            checked.append(tmp_path / f"{re.sub(r'[^a-z]', '_', path.stem.lower())}_{number}.py")
            checked[-1].write_text(code, encoding="utf-8")
    assert len(checked) > 20
    wrong = tmp_path / "wrong.py"
    wrong.write_text("from newsdedup import dedup, dedupe\ndedupe([7])\n", encoding="utf-8")
    options = ["--strict", "--config-file=", f"--cache-dir={tmp_path / 'cache'}", "--no-error-summary"]
    output, errors, _ = api.run([*options, *map(str, [*checked, wrong])])
    assert errors == ""
    messages = [line for line in output.splitlines() if ": error: " in line]
    assert [line for line in messages if "wrong.py" not in line] == []
    assert [line.rsplit("[", 1)[1] for line in messages] == ["attr-defined]", "list-item]"]
