"""Every setting and threshold, each with its unit and the measurement behind it.

Order of precedence: command line flag, `NEWSDEDUP_*` variable, `newsdedup.toml`, `[tool.newsdedup]` in the nearest
`pyproject.toml`, the default here.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from newsdedup.errors import ConfigError

InputFormat = Literal["text", "json", "jsonl", "csv", "tsv"]


class Config(BaseModel):
    """All settings, frozen. Unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # -- what users set -------------------------------------------------------------------------------------------
    input_format: InputFormat | None = Field(default=None, description="read every file as this; default: by file name")
    delimiter: str | None = Field(
        default=None, description="regex of the line that parts articles in a text file, or `none`"
    )
    encoding: str | None = Field(default=None, description="encoding of the input; default: detected")
    strict: bool = Field(default=False, description="exit 2 when any record was rejected")
    min_probability: float = Field(default=0.5, ge=0, le=1, description="merge pairs at or over this probability")
    workers: int | None = Field(default=None, ge=1, le=256, description="processes; default: the number of cores")
    model: str | None = Field(default=None, description="model file; default: the one that ships")

    # -- load ------------------------------------------------------------------------------------------------------
    # One record (a line of JSON Lines, a file of text). Ten times the longest article met in 60,509 real ones; a
    # 50 MB line is a broken export, and sentence alignment over it would stall the run.
    max_record_chars: int = Field(default=20_000_000, ge=1)


def load_config(
    overrides: Mapping[str, object], *, folder: Path | None = None, environ: Mapping[str, str] | None = None
) -> Config:
    """Merge the sources of settings in their order of precedence; `overrides` that are None count as not given.

    Raises ConfigError naming the source and the setting.
    """
    settings: dict[str, Any] = {}
    origin: dict[str, str] = {}

    def take(values: Mapping[str, object], source: str) -> None:
        for name, value in values.items():
            settings[name] = value
            origin[name] = source

    file, table = _config_file(folder or Path.cwd())
    if file is not None:
        take(table, str(file))
    env = os.environ if environ is None else environ
    names = {f"NEWSDEDUP_{name.upper()}": name for name in Config.model_fields}
    take({names[key]: value for key, value in env.items() if key in names and value != ""}, "the environment")
    take({name: value for name, value in overrides.items() if value is not None}, "the command line")
    try:
        return Config(**settings)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "?"
        known = ", ".join(sorted(Config.model_fields))
        hint = f"; known settings: {known}" if first["type"] == "extra_forbidden" else ""
        problem = first["msg"].removeprefix("Value error, ")
        raise ConfigError(
            f"setting '{name}' in {origin.get(name, 'the settings')} is {settings.get(name)!r}: {problem}{hint}"
        ) from None


def _config_file(folder: Path) -> tuple[Path | None, Mapping[str, object]]:
    """Return the `newsdedup.toml` of `folder`, else the nearest pyproject's table, else nothing."""
    own = folder / "newsdedup.toml"
    if own.is_file():
        return own, _toml(own)
    for parent in (folder, *folder.parents):
        project = parent / "pyproject.toml"
        if project.is_file():
            tool = _toml(project).get("tool")
            table = tool.get("newsdedup") if isinstance(tool, dict) else None
            return (project, table) if isinstance(table, dict) else (None, {})
    return None, {}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read as TOML: {error}; mend or remove it") from None
