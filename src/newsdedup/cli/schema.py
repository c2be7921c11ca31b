"""`newsdedup schema`: the JSON Schema of the output, generated from the printed models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from newsdedup.cli.output import open_output

if TYPE_CHECKING:
    from pydantic import BaseModel


def schema(
    model: Annotated[
        Literal["result", "story", "changed-story", "comparison", "evaluation", "check"],
        typer.Argument(
            help="The JSON document, a JSON line (with a store), or the output of 'compare', 'evaluate' or 'check'."
        ),
    ] = "result",
) -> int:
    """Print the JSON Schema of the output."""
    from newsdedup.models import Result, Story  # noqa: PLC0415 - `--help` loads no models
    from newsdedup.models.checks import CheckReport  # noqa: PLC0415
    from newsdedup.models.comparison import Comparison  # noqa: PLC0415
    from newsdedup.models.evaluation import Evaluation  # noqa: PLC0415
    from newsdedup.models.store import ChangedStory  # noqa: PLC0415

    models: dict[str, type[BaseModel]] = {
        "result": Result,
        "story": Story,
        "changed-story": ChangedStory,
        "comparison": Comparison,
        "evaluation": Evaluation,
        "check": CheckReport,
    }
    document = models[model].model_json_schema(mode="serialization")
    with open_output(None) as target:
        target.stream.write(json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n")
    return 0
