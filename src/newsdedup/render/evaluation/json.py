"""`json`: the evaluation as one document."""

from __future__ import annotations

from newsdedup.render.json_text import render_document
from newsdedup.render.renderer import OutputFormat

FORMAT = OutputFormat(render_document)
