"""`json`: the output of a `store` command as one document; decisions are a list."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import BaseModel

from newsdedup.models.store import Decision, StoreReport
from newsdedup.render.json_text import render_document, to_json
from newsdedup.render.renderer import OutputFormat, Page


def render(report: StoreReport | Sequence[Decision], page: Page) -> None:
    """Write the output of a store command as one JSON document."""
    if isinstance(report, BaseModel):
        render_document(report, page)
    else:
        values = [json.loads(to_json(decision)) for decision in report]
        page.stream.write(json.dumps(values, indent=2, ensure_ascii=False) + "\n")


FORMAT = OutputFormat(render)
