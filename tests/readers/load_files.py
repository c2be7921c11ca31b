"""Write files into a folder and load them there, so that paths are typed relative to it."""

from __future__ import annotations

import contextlib
import gzip
from collections.abc import Mapping
from pathlib import Path

from newsdedup.config import Config
from newsdedup.models import Article, Loaded, Rejected
from newsdedup.readers import load


def load_files(folder: Path, files: Mapping[str, str | bytes], *paths: str, **settings: object) -> list[Loaded]:
    """Write `files` (a name ending in .gz is compressed), load `paths` (default: those files), and return all items."""
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    with contextlib.chdir(folder):
        return list(load(paths or tuple(files), Config.model_validate(settings)))


def summarise_items(items: list[Loaded]) -> list[str]:
    """Return one line for each item: the id and text of an article, or what was rejected or skipped."""
    lines = []
    for item in items:
        if isinstance(item, Article):
            lines.append(f"{item.article_id}: {item.text}")
        elif isinstance(item, Rejected):
            lines.append(f"{item.path} {item.record} rejected: {item.reason}")
        else:
            lines.append(f"{item.path} skipped: {item.reason}")
    return lines
