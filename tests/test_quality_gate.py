"""The quality gate itself: a build must stop for a real loss, and for nothing else."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import gate
import quality
from gate import (
    FloorError,
    PinnedFloors,
    check_corpus,
    check_floors,
    hash_files,
    raise_floors,
    read_floors,
    write_floors,
)

CORPUS = {"pairs.jsonl": "aa", "pages.jsonl": "bb"}
PINNED = PinnedFloors(CORPUS, {"shipped": {"f1": 0.9, "wrong": 16.0, "rewrites": 49.0}, "candidates": {"recall": 0.99}})


def is_held(figure: str, value: float) -> bool:
    (check,) = check_floors("gold", PINNED, {"shipped": {figure: value}})
    return check.is_held


@pytest.mark.parametrize(
    ("figure", "step"),
    [
        pytest.param("f1", 0.0001, id="f1"),
        pytest.param("wrong", 1, id="wrong-merges"),
        pytest.param("rewrites", 1, id="rewrites"),
    ],
)
def test_a_figure_holds_up_to_its_allowance_and_not_beyond(figure: str, step: float) -> None:
    """Noise does not stop a build, a loss does; which way is worse depends on the figure."""
    worse = 1 if figure in gate.FEWER_IS_BETTER else -1
    limit = round(PINNED.floors["shipped"][figure] + worse * gate.ALLOWANCES["gold"][figure], 4)
    assert is_held(figure, limit)
    assert is_held(figure, limit - worse * 100 * step)
    assert not is_held(figure, limit + worse * step)


def test_small_losses_do_not_add_up() -> None:
    """An update after a loss within the allowance keeps the floor where it was."""
    after = raise_floors("gold", PINNED, CORPUS, {"shipped": {"f1": 0.895, "wrong": 17}})
    assert after.floors == PINNED.floors


def test_updating_pins_what_got_better_and_keeps_what_was_not_run() -> None:
    after = raise_floors("gold", PINNED, CORPUS, {"shipped": {"f1": 0.92, "wrong": 12, "rewrites": 50}})
    assert after.floors == {"shipped": {"f1": 0.92, "wrong": 12, "rewrites": 50}, "candidates": {"recall": 0.99}}


@pytest.mark.parametrize("lost", [{"f1": 0.88}, {"wrong": 19}, {"rewrites": 46, "f1": 0.95}], ids=str)
def test_updating_refuses_to_lower_a_floor(lost: dict[str, float]) -> None:
    """Not even where another figure got better; the message says which one and what to do."""
    with pytest.raises(FloorError, match=r"not updated: shipped .* by hand .* reason in the commit"):
        raise_floors("gold", PINNED, CORPUS, {"shipped": lost})


def test_a_new_figure_without_a_floor_fails_until_it_is_pinned() -> None:
    """Otherwise a renamed figure would not be checked at all."""
    reached = {"cross_validated": {"f1": 0.9}}
    (check,) = check_floors("gold", PINNED, reached)
    assert not check.is_held
    assert "--update" in str(check)
    (check,) = check_floors("gold", raise_floors("gold", PINNED, CORPUS, reached), reached)
    assert check.is_held


def test_floors_of_parts_that_were_not_run_are_not_asked() -> None:
    assert [each.part for each in check_floors("gold", PINNED, {"candidates": {"recall": 0.99}})] == ["candidates"]


def test_a_changed_corpus_is_named_with_what_to_do() -> None:
    """Floors do not apply to other pairs: changed, new and missing files are named."""
    file_hashes = {"pairs.jsonl": "aa", "pages.jsonl": "other", "more.jsonl": "cc"}
    with pytest.raises(FloorError, match=r"corpus gold: more\.jsonl, pages\.jsonl changed .*--update"):
        check_corpus("gold", PINNED, file_hashes)
    check_corpus("gold", PINNED, dict(CORPUS))
    check_corpus("gold", None, file_hashes)


def test_floors_round_trip_and_one_changed_byte_changes_the_hash(tmp_path: Path) -> None:
    path, page = tmp_path / "floors.json", tmp_path / "page.jsonl"
    assert read_floors(path) == {}
    write_floors({"gold": PINNED}, path)
    assert read_floors(path) == {"gold": PINNED}
    page.write_bytes(b"a")
    before = hash_files([page])
    assert before == {"page.jsonl": hashlib.sha256(b"a").hexdigest()}
    page.write_bytes(b"b")
    assert hash_files([page]) != before


def test_every_pinned_figure_has_an_allowance() -> None:
    """A typo in the file would otherwise only show after a long run."""
    pinned = read_floors()
    assert "own" in pinned, "the set of our own is always gated"
    for name, each in pinned.items():
        for figures in each.floors.values():
            assert set(figures) <= set(gate.ALLOWANCES[name])


def test_the_floors_of_our_own_set_are_of_the_files_as_they_are() -> None:
    """An edit of the small labelled set is noticed here and not only in `make quality`."""
    data = Path(__file__).parent / "data"
    check_corpus("own", read_floors()["own"], hash_files([data / "labelled_pairs.jsonl", data / "labelled.jsonl"]))


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """`quality.py` as in a checkout without ../shared, with no flags."""
    monkeypatch.setattr(quality, "GOLD", replace(quality.GOLD, pairs=Path("absent.jsonl")))
    monkeypatch.setattr(sys, "argv", ["quality.py"])
    return monkeypatch


# The test process may have threads; the benchmark script has none when it starts its processes.
forks = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@forks
def test_without_the_shared_pairs_it_says_so_and_holds_our_own(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A figure below its floor exits with 1: the same figures against a floor that they do not reach."""
    quality.main()
    out = capsys.readouterr().out
    assert "gold      skipped: ../shared/gold is not beside this checkout" in out
    assert "all floors hold" in out
    own = read_floors()["own"]
    high = replace(own, floors={**own.floors, "shipped": {**own.floors["shipped"], "f1": 1.1}})
    alone.setattr(gate, "read_floors", lambda: {**read_floors(), "own": high})
    with pytest.raises(SystemExit) as exited:
        quality.main()
    assert exited.value.code == 1
    assert "FAILED" in capsys.readouterr().out


def test_a_changed_corpus_ends_the_run_before_it_begins(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    alone.setattr(gate, "read_floors", lambda: {"own": replace(read_floors()["own"], sha256={})})
    with pytest.raises(SystemExit) as exited:
        quality.main()
    assert exited.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "corpus own: labelled.jsonl, labelled_pairs.jsonl changed" in captured.err
