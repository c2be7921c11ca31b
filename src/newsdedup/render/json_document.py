"""A model as one JSON document, indented by two spaces: what `json` is for most kinds of output."""

from __future__ import annotations

from pydantic import BaseModel

from newsdedup.render.json_text import to_json
from newsdedup.render.renderer import Page


def render_document(report: BaseModel, page: Page) -> None:
    """Write the report as one JSON document."""
    page.stream.write(to_json(report, indent=2) + "\n")
