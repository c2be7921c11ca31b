"""Find news articles that carry the same report, and merge each story into one canonical article.

from newsdedup import dedupe, load

result = dedupe(load(["seeds/"]))
for story in result.stories:
    if len(story.variants) > 1:
        print(story.title)
        print(story.text)
        for paragraph in story.paragraphs:
            print(paragraph.added, paragraph.sources)
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsdedup.checks import check
    from newsdedup.config import Config
    from newsdedup.engine import compare, dedupe
    from newsdedup.errors import NewsdedupError
    from newsdedup.models import Article, Rejected, Result, Story
    from newsdedup.models.checks import CheckReport
    from newsdedup.models.comparison import Comparison
    from newsdedup.readers import load
    from newsdedup.store import Store

__all__ = [
    "Article",
    "CheckReport",
    "Comparison",
    "Config",
    "NewsdedupError",
    "Rejected",
    "Result",
    "Store",
    "Story",
    "check",
    "compare",
    "dedupe",
    "load",
]

_MODULES = {
    "Article": "models",
    "CheckReport": "models.checks",
    "Comparison": "models.comparison",
    "Config": "config",
    "NewsdedupError": "errors",
    "Rejected": "models",
    "Result": "models",
    "Store": "store",
    "Story": "models",
    "check": "checks",
    "compare": "engine",
    "dedupe": "engine",
    "load": "readers",
}
"""The module of each public name. Importing the package itself loads none of them."""

logging.getLogger("newsdedup").addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    """Import a public name on first access."""
    if name not in _MODULES:
        raise AttributeError(f"module 'newsdedup' has no attribute '{name}'")
    return getattr(importlib.import_module(f"newsdedup.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    """Return the public names, including those not imported yet."""
    return sorted({*globals(), *__all__})
