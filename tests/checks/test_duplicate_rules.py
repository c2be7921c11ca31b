"""Rules about pairs of articles: which article of a story is reported, compared with which, where, and how certain."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from unittest.mock import Mock

import pytest
from gate_files import (
    ABRIDGED,
    AGENCY,
    BRENNICK,
    CLOSURE,
    REACTION,
    REPRINT,
    REWRITE,
    TALLMERE,
    UPDATE,
    WIND,
    WIRE,
    checked,
    codes,
    write,
)

from newsdedup import dedupe, load
from newsdedup.check_rules import DUPLICATE_CODES
from newsdedup.checks import check, duplicate_rules
from newsdedup.config import Config
from newsdedup.models import Direction, Relation
from newsdedup.score import score
from newsdedup.thresholds import MAX_NAMED_ARTICLES
from untidy_pages import CHAIRS, labelled_articles

PAIRS = {
    "identical": (AGENCY.replace("\n\n", "\n\n\n\n\n"), AGENCY, "ND101", Direction.UNKNOWN),
    "reprint": (REPRINT, AGENCY, "ND102", Direction.UNKNOWN),
    "abridged": (ABRIDGED, AGENCY, "ND103", Direction.FROM_BASE),
    "the whole of a cut": (AGENCY, ABRIDGED, "ND103", Direction.TO_BASE),
    "update": (UPDATE, AGENCY, "ND104", Direction.FROM_BASE),
    "what was updated": (AGENCY, UPDATE, "ND104", Direction.TO_BASE),
    "rewrite": (REWRITE, WIRE, "ND105", Direction.UNKNOWN),
}


@pytest.mark.parametrize(("new", "known", "code", "direction"), PAIRS.values(), ids=PAIRS)
def test_a_new_article_that_duplicates_a_known_one(
    tmp_path: Path, new: str, known: str, code: str, direction: Direction
) -> None:
    """Has a rule for each relation; the known article is named, and nothing is said of it."""
    report = checked(tmp_path, {"new.txt": new}, {"known.txt": known, "other.txt": WIND})
    assert [(each.code, each.direction) for each in report.findings] == [(code, direction)]
    (found,) = report.findings
    assert report.failed
    assert found.other is not None
    assert found.relation is not None
    assert DUPLICATE_CODES[found.relation] == code
    assert (found.location.path, found.other.path) == ("new.txt", "known.txt")
    assert found.probability is not None
    assert found.probability >= 0.5
    assert "known.txt:1" in found.message


@pytest.mark.parametrize("case", PAIRS.values(), ids=PAIRS)
def test_the_passage_stands_on_the_lines_given(tmp_path: Path, case: tuple[str, str, str, Direction]) -> None:
    """On both sides its first line holds how it begins and its last how it ends; a promotion may stand in between."""
    new, known, *_ = case
    (found,) = checked(tmp_path, {"new.txt": new}, {"known.txt": known}).findings
    assert found.passage is not None
    assert found.other is not None
    for at, text, words in ((found.location, new, found.passage.text), (found.other, known, found.passage.other_text)):
        lines = text.replace("\r\n", "\n").split("\n")
        assert words[:20] in lines[at.line - 1]
        assert words[-20:] in lines[at.end_line - 1]
    told, total = found.passage.sentences
    assert 0 < told <= total
    assert len(found.passage.text) > 100


def test_a_passage_of_wrapped_text_is_found_over_its_lines(tmp_path: Path) -> None:
    """A sentence may begin and end in mid-line, and two records of a JSON Lines file are a line each."""
    lines = [json.dumps({"text": CLOSURE}), json.dumps({"text": " ".join(WIND.split()[12:])})]
    report = checked(tmp_path, {"a.txt": WIND}, {"b.jsonl": "\n".join(lines)})
    (found,) = report.findings
    assert (found.location.line, found.location.end_line) == (5, WIND.count("\n"))
    assert found.other is not None
    assert (found.other.line, found.other.end_line, found.other.record) == (2, 2, 2)


def test_separate_reports_and_templates_are_notes(tmp_path: Path) -> None:
    """Neither fails the gate; the passage that a template shares is shown."""
    report = checked(
        tmp_path, {"b.txt": REACTION, "t.txt": TALLMERE, "w.txt": WIND}, {"a.txt": CLOSURE, "s.txt": BRENNICK}
    )
    assert [(each.code, each.location.path) for each in report.findings] == [("ND302", "b.txt"), ("ND301", "t.txt")]
    assert not report.failed
    event, template = report.findings
    assert event.other is not None
    assert template.other is not None
    assert template.passage is not None
    assert (event.other.path, template.other.path, template.probability) == ("a.txt", "s.txt", None)
    assert event.probability is not None


def test_without_known_articles_one_of_each_story_is_left(tmp_path: Path) -> None:
    """The base, whatever its name; all others are reported, each compared with its nearest predecessor."""
    files = {
        "1.txt": ABRIDGED,
        "2.txt": AGENCY,
        "3.txt": REPRINT,
        "4.txt": UPDATE,
        "5.txt": WIND,
        "6.txt": REWRITE,
        "7.txt": WIRE,
    }
    report = checked(tmp_path, files)
    with contextlib.chdir(tmp_path):
        stories = dedupe(load(list(files)), Config(workers=1)).stories
    bases = {story.variants[0].article_id for story in stories}
    assert {each.location.path for each in report.findings} == files.keys() - bases
    assert len(bases) == 3
    by_path = {each.location.path: each for each in report.findings}
    reprint = by_path["3.txt"]
    assert reprint.other is not None
    assert (reprint.other.path, reprint.relation) == ("2.txt", Relation.REPRINT)
    assert set(reprint.others) == {"1.txt", "4.txt"}


def test_known_articles_stay_ahead_of_new_ones(tmp_path: Path) -> None:
    """Even if the new one would be the base. Duplicates among known articles are not reported."""
    report = checked(tmp_path, {"a.txt": UPDATE}, {"b.txt": ABRIDGED, "c.txt": REPRINT})
    assert [each.location.path for each in report.findings] == ["a.txt"]
    assert report.findings[0].others in {("b.txt",), ("c.txt",)}
    assert (report.summary.new, report.summary.known) == (1, 2)


def test_many_copies_are_named_in_part_and_counted_in_full(tmp_path: Path) -> None:
    """The last of them is compared with one, names some and counts the rest."""
    copies = {f"{n:02}.txt": AGENCY for n in range(MAX_NAMED_ARTICLES + 5)}
    report = checked(tmp_path, copies)
    assert len(report.findings) == len(copies) - 1
    last = report.findings[-1]
    assert last.other is not None
    assert (last.other.path, len(last.others), last.more) == (
        "00.txt",
        MAX_NAMED_ARTICLES,
        len(copies) - 2 - MAX_NAMED_ARTICLES,
    )


def test_a_copy_is_compared_with_the_article_of_the_same_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many others are ahead of it, no more than that pair is looked at again."""
    asked = Mock(side_effect=score)
    monkeypatch.setattr(duplicate_rules, "score", asked)
    files = {f"{n:02}.txt": AGENCY if n % 2 else REPRINT for n in range(12)}
    report = checked(tmp_path, files)
    assert [each.code for each in report.findings].count("ND101") == len(files) - 2
    assert all(each.other and each.other.path in {"00.txt", "01.txt"} for each in report.findings)
    assert asked.call_count == len(files) - 1


def test_beside_known_articles_the_same_is_found_as_among_all() -> None:
    """No more pairs are scored than needed, and nothing is missed for it: the stories are those of a whole run."""
    articles = list(labelled_articles().values())
    config = Config(workers=1)
    stories = [{v.article_id for v in s.variants} for s in dedupe(articles, config).stories if len(s.variants) > 1]
    for start in range(0, len(articles), len(articles) // 5):
        new = articles[start : start + len(articles) // 5]
        known = [each for each in articles if each not in new]
        found = {each.location.article_id for each in check(new, known, config).findings if each.relation}
        ids = {each.article_id for each in new}
        expected = {x for story in stories if story & ids and story - ids for x in story & ids}
        assert expected <= found
        inside = [story for story in stories if story <= ids]
        assert len(found) == len(expected) + sum(len(story) - 1 for story in inside)


def test_an_update_that_is_not_sure_is_a_note(tmp_path: Path) -> None:
    """A follow-up looks much like an edit; where the line is drawn is a setting."""
    new, known = {"new.txt": UPDATE}, {"known.txt": AGENCY}
    (sure,) = checked(tmp_path, new, known).findings
    assert sure.probability is not None
    for bar, code in ((sure.probability, "ND104"), (sure.probability + 0.0001, "ND303")):
        report = checked(tmp_path, new, known, min_update_probability=bar)
        assert (codes(report), report.failed) == ([code], code == "ND104")
        assert report.findings[0].relation is Relation.UPDATE
    (rewrite,) = checked(tmp_path, {"new.txt": REWRITE}, {"known.txt": WIRE}, min_update_probability=1).findings
    assert rewrite.code == "ND105"


def test_a_copy_under_any_title_is_a_copy(tmp_path: Path) -> None:
    """Also one that the text does not speak of, which keeps the two apart as stories."""
    copy = AGENCY.replace("Fourteen hurt as ferry strikes pier in Karsholm harbour", "Untitled document 4")
    (found,) = checked(tmp_path, {"new.txt": copy}, {"known.txt": AGENCY}).findings
    assert (found.code, found.probability) == ("ND101", 1)


def test_order_and_workers_change_nothing(tmp_path: Path) -> None:
    """The same articles give the same bytes."""
    files = {"1.txt": ABRIDGED, "2.txt": AGENCY, "3.txt": REPRINT, "4.txt": UPDATE, "5.txt": REWRITE, "6.txt": WIRE}
    write(tmp_path, files)
    with contextlib.chdir(tmp_path):
        items = list(load(list(files)))
        one = check(items, (), Config(workers=1)).model_dump_json()
        assert check(items[::-1], (), Config(workers=2)).model_dump_json() == one


def test_the_two_founding_seeds_are_a_rewrite() -> None:
    """Whichever of the two is known; where they lie beside the project."""
    seeds = sorted((Path(__file__).parents[3] / "shared" / "seeds").glob("*.txt"))
    if not seeds:
        pytest.skip("../shared/seeds is not there")
    for one, other in (seeds, seeds[::-1]):
        (found,) = check(load([one]), load([other])).findings
        assert found.code == "ND105"
        assert found.other is not None
        assert (found.location.path, found.other.path) == (str(one), str(other))


def test_pages_without_a_report_are_not_duplicates(tmp_path: Path) -> None:
    """Two cookie notices are two pages without a report, and no duplicates."""
    notice = "Title: T\n\nAccept all cookies\nSubscribe to our newsletter\n"
    assert codes(checked(tmp_path, {"a.txt": notice, "b.txt": notice, "c.txt": "\n\n".join(CHAIRS)})) == ["ND004"] * 2


def test_a_template_sibling_is_reported_once_for_each_story(tmp_path: Path) -> None:
    """However many of its variants are alike: none of the others is the same article again."""
    cut = {name: text.rsplit("\n\n", 1)[0] for name, text in (("b", BRENNICK), ("t", TALLMERE))}
    files = {"b1.txt": BRENNICK, "b2.txt": cut["b"], "t1.txt": TALLMERE, "t2.txt": cut["t"]}
    files |= {f"{name[0]}3.txt": text.replace("said", "told") for name, text in files.items() if "1" in name}
    siblings = [each for each in checked(tmp_path, files).findings if each.code == "ND301"]
    assert [(each.others, each.more) for each in siblings] == [((), 0)]


def test_the_passage_of_a_script_without_spaces_has_none(tmp_path: Path) -> None:
    """Its sentences are joined as they stand in the report."""
    page = "".join(f"第{n}艘渡轮星期六早上撞上了港口的旧码头并造成十四人受伤。" for n in "一二三四五六七八")
    (found,) = checked(tmp_path, {"a.txt": page}, {"b.txt": page}).findings
    assert found.passage is not None
    assert found.passage.text == page
