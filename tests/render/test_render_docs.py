"""The documents name every field that is printed, and every format."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from newsdedup import models
from newsdedup.models import checks, comparison, evaluation, store
from newsdedup.registry import list_output_formats

ROOT = Path(__file__).parents[2]
DOCS = ROOT.joinpath("docs", "output.md").read_text(encoding="utf-8")
PRINTED = [
    model
    for module in (models, checks, comparison, evaluation, store)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, BaseModel) and model is not models.Printed
]


@pytest.mark.parametrize("model", PRINTED, ids=lambda model: model.__name__)
def test_every_field_is_documented(model: type[BaseModel]) -> None:
    """In backquotes, alone or as the end of a dotted name."""
    named = set(re.findall(r"`(?:\w+\.)?(\w+)`", DOCS))
    assert set(model.model_fields) <= named


@pytest.mark.parametrize(
    "names",
    [models.Relation, models.Direction, models.Role, checks.Severity, store.Change],
    ids=lambda names: names.__name__,
)
def test_every_word_of_the_contract_is_documented(names: type[models.Role]) -> None:
    """The values of the enumerations, `body` aside, which is never printed."""
    assert {name.value for name in names} - {"body"} <= set(re.findall(r"`(\w+)`", DOCS))


def test_every_format_of_stories_and_checks_is_documented() -> None:
    """In the first two tables with a row per format, in the order of the registry."""
    tables = [
        tuple(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))
        for table in re.findall(r"^\| format \|.*\n\|[-|]+\n((?:\|.*\n)+)", DOCS, re.MULTILINE)
    ]
    assert tables == [list_output_formats("stories"), list_output_formats("check")]


def test_the_readme_lists_the_formats_of_stories() -> None:
    sentence = re.search(r"`--format` is ([^(]+)", ROOT.joinpath("README.md").read_text(encoding="utf-8"))
    assert sentence is not None
    assert tuple(re.findall(r"`(\w+)`", sentence[1])) == list_output_formats("stories")
