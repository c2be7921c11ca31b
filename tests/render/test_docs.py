"""`docs/output.md` names every field that is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from newsdedup import models
from newsdedup.models import checks, comparison, evaluation, store

DOCS = (Path(__file__).parents[2] / "docs" / "output.md").read_text(encoding="utf-8")
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
