"""The settings, each with its unit and default. Measured constants are in `newsdedup.thresholds`.

Order of precedence: command line flag, `NEWSDEDUP_*` variable, `newsdedup.toml`, `[tool.newsdedup]` in the nearest
`pyproject.toml`, and the default here.
"""

from __future__ import annotations

import glob
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ByteSize, ConfigDict, Field, ValidationError, field_validator

from newsdedup.check_rules import codes_with_prefix
from newsdedup.errors import ConfigError
from newsdedup.models.checks import Severity
from newsdedup.models.options import AdditionsMode, BaseRule
from newsdedup.registry import list_input_formats
from newsdedup.thresholds import SAME_TEXT_MIN_WORDS


class CheckSettings(BaseModel):
    """The settings of `check`, in the table `[check]` of newsdedup.toml. Rules are given by code or prefix of a code.

    In a per-path pattern `*` matches anything, also across folders. A pattern that names a folder applies to everything
    in it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    select: tuple[str, ...] = Field(default=("ND",), description="rules to report")
    ignore: tuple[str, ...] = Field(default=(), description="rules not to report")
    severity: dict[str, Severity] = Field(default={}, description="severity of a rule in place of its own")
    per_path_ignores: dict[str, tuple[str, ...]] = Field(default={}, description="rules not to report for some paths")
    fail_on: Severity = Field(default=Severity.ERROR, description="exit 1 on findings of this severity or above")
    baseline: str | None = Field(default=None, description="file of accepted findings")
    # A shorter text may be the same as another by chance (SAME_TEXT_MIN_WORDS), and is not a report.
    min_words: int = Field(default=SAME_TEXT_MIN_WORDS, ge=0, description="words of the shortest report")
    # If two articles share part of their text, a follow-up looks like an edit. Cross-validated on ../shared/gold
    # (`make train`), updates from .5 to .9 are correct in 30 of 44 cases, and those from .9 on in 67 of 69. (Rewrites
    # under .9 are correct in 27 of 40 and stay errors: nobody would find them by eye.)
    min_update_probability: float = Field(default=0.9, ge=0, le=1, description="updates below this are notes (ND303)")
    max_boilerplate: float = Field(
        default=0.5, ge=0, le=1, description="largest share of a page that is not the report"
    )

    @field_validator("select", "ignore", mode="before")
    @classmethod
    def _split_codes(cls, value: object) -> object:
        """Split `ND1, ND201`, the form of a flag or a variable."""
        return tuple(filter(None, re.split(r"[\s,]+", value))) if isinstance(value, str) else value

    @field_validator("select", mode="before")
    @classmethod
    def _require_rule(cls, value: object) -> object:
        """Refuse `--select "$RULES"` with an empty variable, which would disable the check. A file may have `[]`."""
        if isinstance(value, str) and not value.strip(", \t\n"):
            raise ValueError("it names no rule, so nothing would be reported; name rules, such as ND1, or leave it out")
        return value

    @field_validator("select", "ignore", "severity")
    @classmethod
    def _check_rules_exist(cls, value: Any) -> Any:
        _check_rule_prefixes(value)
        return value

    @field_validator("per_path_ignores")
    @classmethod
    def _check_path_rules_exist(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        _check_rule_prefixes(prefix for prefixes in value.values() for prefix in prefixes)
        return value


def _check_rule_prefixes(prefixes: Iterable[str]) -> None:
    for prefix in prefixes:
        if not codes_with_prefix(prefix):
            raise ValueError(f"unknown rule {prefix!r}; 'newsdedup check --list-rules' shows all rules")


class Config(BaseModel):
    """All settings, frozen. Unknown names are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input_format: str | None = Field(default=None, description="read every file in this format; default: by extension")
    delimiter: str | None = Field(
        default=None, description="regex of the line that separates articles in a text file, or `none`"
    )
    encoding: str | None = Field(default=None, description="encoding of the input; default: detected")
    strict: bool = Field(default=False, description="exit 2 if any record was rejected")
    min_probability: float = Field(default=0.5, ge=0, le=1, description="merge pairs with at least this probability")
    workers: int | None = Field(default=None, ge=1, le=256, description="processes; default: the number of cores")
    memory: ByteSize | None = Field(
        default=None, ge=1 << 26, description="memory for pairing, such as `2GiB`; default: half of the free memory"
    )
    model: str | None = Field(default=None, description="model file; default: the shipped model")

    base: BaseRule = Field(default="best", description="how the base is chosen: best, longest, earliest or latest")
    prefer_sources: tuple[str, ...] = Field(default=(), description="sources whose articles are preferred as the base")
    additions: AdditionsMode = Field(default="merge", description="new sentences: merge, list or none")

    store: str | None = Field(default=None, description="file of the store that `ingest` adds to and `store` reads")
    wait: float = Field(default=10.0, ge=0, description="seconds to wait while another process writes the store")

    check: CheckSettings = Field(default=CheckSettings(), description="settings of `check`")

    # Length of one record (a line of JSON Lines, a text file). Ten times the longest of 60,509 real articles: a 50 MB
    # line is a broken export, and aligning its sentences would stall the run.
    max_record_chars: int = Field(default=20_000_000, ge=1)

    @field_validator("prefer_sources", mode="before")
    @classmethod
    def _split_sources(cls, value: object) -> object:
        """Split `Coast Press, apnews.com`, the form of a flag or a variable."""
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("input_format")
    @classmethod
    def _check_input_format(cls, value: str | None) -> str | None:
        if value is not None and value not in (names := list_input_formats()):
            raise ValueError(f"unknown format; known: {', '.join(names)}")
        return value


def load_config(
    overrides: Mapping[str, object], *, folder: Path | None = None, environ: Mapping[str, str] | None = None
) -> Config:
    """Merge all sources of settings in their order of precedence; `overrides` that are None count as not given.

    Relative paths in a settings file start from its folder. Raises ConfigError, which names the source and the setting.
    """
    settings: dict[str, Any] = {}
    origin: dict[str, str] = {}

    def merge_settings(values: Mapping[str, object], source: str) -> None:
        for name, value in values.items():
            if name == "check" and isinstance(value, Mapping) and isinstance(settings.get(name, {}), dict):
                settings[name] = {**settings.get(name, {}), **value}
                origin.update((f"check.{setting}", source) for setting in value)
            elif name == "check" and "check" in settings:
                continue  # a value that is not a table stays, and is refused below
            else:
                settings[name] = value
            origin[name] = source

    config_path, table = _find_config_file(folder or Path.cwd())
    if config_path is not None:
        merge_settings(_resolve_table_paths(table, config_path.parent), str(config_path))
    merge_settings(_environment_settings(os.environ if environ is None else environ), "the environment")
    cli_settings = {name: value for name, value in overrides.items() if value is not None}
    if isinstance(check_flags := cli_settings.get("check"), Mapping):
        cli_settings["check"] = {name: value for name, value in check_flags.items() if value is not None}
    merge_settings(cli_settings, "the command line")
    try:
        return Config(**settings)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"][: 2 if first["loc"][:1] == ("check",) else 1]) or "?"
        fields = CheckSettings.model_fields if name.startswith("check.") else Config.model_fields
        hint = f"; known settings: {', '.join(sorted(fields))}" if first["type"] == "extra_forbidden" else ""
        problem = first["msg"].removeprefix("Value error, ")
        value = settings.get("check", {}).get(name[6:]) if name.startswith("check.") else settings.get(name)
        raise ConfigError(
            f"setting '{name}' in {origin.get(name, 'the settings')} is {value!r}: {problem}{hint}"
        ) from None


def _environment_settings(environ: Mapping[str, str]) -> dict[str, object]:
    """Return the settings in the environment, such as `NEWSDEDUP_WORKERS` and `NEWSDEDUP_CHECK_FAIL_ON`."""
    tables = {"check", "severity", "per_path_ignores"}

    def read_fields(model: type[BaseModel], prefix: str) -> dict[str, object]:
        values = {name: environ.get(f"{prefix}{name.upper()}") for name in model.model_fields if name not in tables}
        return {name: value for name, value in values.items() if value}

    check_settings = read_fields(CheckSettings, "NEWSDEDUP_CHECK_")
    return read_fields(Config, "NEWSDEDUP_") | ({"check": check_settings} if check_settings else {})


def _resolve_table_paths(table: Mapping[str, object], folder: Path) -> dict[str, object]:
    """Return a table of settings with its paths and path patterns resolved against the folder of its file."""
    table = dict(table)
    for name in ("model", "store"):
        if isinstance(path := table.get(name), str) and path:
            table[name] = os.path.relpath(folder / path)
    check = table.get("check")
    if not isinstance(check, dict):
        return table
    resolved = dict(check)
    if isinstance(check.get("baseline"), str) and check["baseline"]:
        resolved["baseline"] = os.path.relpath(folder / check["baseline"])
    if isinstance(check.get("per_path_ignores"), dict):
        root = glob.escape(str(folder.resolve()))
        resolved["per_path_ignores"] = {
            pattern if os.path.isabs(pattern) else f"{root}/{pattern.removeprefix('./')}": codes  # noqa: PTH117
            for pattern, codes in check["per_path_ignores"].items()
        }
    return {**table, "check": resolved}


def _find_config_file(folder: Path) -> tuple[Path | None, Mapping[str, object]]:
    """Return the path and the settings of `newsdedup.toml` in `folder`, else of the nearest `pyproject.toml`."""
    newsdedup_toml = folder / "newsdedup.toml"
    if newsdedup_toml.is_file():
        return newsdedup_toml, _read_toml(newsdedup_toml)
    for parent in (folder, *folder.parents):
        pyproject = parent / "pyproject.toml"
        if pyproject.is_file():
            tool = _read_toml(pyproject).get("tool")
            table = tool.get("newsdedup") if isinstance(tool, dict) else None
            return (pyproject, table) if isinstance(table, dict) else (None, {})
    return None, {}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read as TOML: {error}; fix or remove it") from None
