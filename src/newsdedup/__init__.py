"""Find news articles that tell the same report, and merge each story into one canonical article.

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
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsdedup.config import Config
    from newsdedup.errors import NewsdedupError
    from newsdedup.gate import check
    from newsdedup.load import load
    from newsdedup.models import Article, CheckReport, Comparison, Rejected, Result, Story
    from newsdedup.pipeline import compare, dedupe
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

_HOMES = {
    "Config": "config", "NewsdedupError": "errors", "Store": "store", "check": "gate", "compare": "pipeline",
    "dedupe": "pipeline",
}  # fmt: skip

logging.getLogger("newsdedup").addHandler(logging.NullHandler())


class _Package(types.ModuleType):
    """This package, with `load` the function.

    The first import of the stage `newsdedup.load` would bind its module over the function of that name; and importing
    it here at once would make `newsdedup --help` load a stage.
    """

    @property
    def load(self) -> Any:
        """Return the function `newsdedup.load.load`."""
        return importlib.import_module("newsdedup.load").load

    @load.setter
    def load(self, module: types.ModuleType) -> None:
        """Keep the function; the module is in `sys.modules`."""


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module 'newsdedup' has no attribute '{name}'")
    return getattr(importlib.import_module(f"newsdedup.{_HOMES.get(name, 'models')}"), name)
