"""Every setting and threshold, each with its unit and the measurement behind it.

Order of precedence: command line flag, `NEWSDEDUP_*` variable, `newsdedup.toml`, `[tool.newsdedup]` in the nearest
`pyproject.toml`, the default here.
"""

from __future__ import annotations

import glob
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ByteSize, ConfigDict, Field, ValidationError, field_validator

from newsdedup.check_rules import codes_under
from newsdedup.errors import ConfigError
from newsdedup.models.checks import Severity
from newsdedup.thresholds import SAME_TEXT_WORDS

InputFormat = Literal["text", "json", "jsonl", "csv", "tsv"]


class CheckSettings(BaseModel):
    """The settings of `check`, the table `[check]` of newsdedup.toml. Rules are named by code or the beginning of one.

    Of a per-path pattern `*` stands for anything, folders included; a pattern that names a folder holds for all in it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    select: tuple[str, ...] = Field(default=("ND",), description="rules to report")
    ignore: tuple[str, ...] = Field(default=(), description="rules not to report")
    severity: dict[str, Severity] = Field(default={}, description="another severity of a rule")
    per_path_ignores: dict[str, tuple[str, ...]] = Field(default={}, description="rules not to report for some paths")
    fail_on: Severity = Field(default=Severity.ERROR, description="exit 1 from this severity on")
    baseline: str | None = Field(default=None, description="file of the findings that are known and accepted")
    # A shorter text may be the same as another by chance (SAME_TEXT_WORDS), and tells no report.
    min_words: int = Field(default=SAME_TEXT_WORDS, ge=0, description="words of the shortest report")
    # Where two share text in part, a follow-up looks like an edit: cross-validated on ../shared/gold (`make train`),
    # updates from .5 to .9 are right in 30 cases of 44, those from .9 on in 67 of 69. (Rewrites under .9 are right in
    # 27 of 40, and stay errors: they are what nobody finds by eye.)
    min_update_probability: float = Field(default=0.9, ge=0, le=1, description="updates under this are notes (ND303)")
    max_boilerplate: float = Field(default=0.5, ge=0, le=1, description="largest share of a page that is no report")

    @field_validator("select", "ignore", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Read `ND1, ND201` as two: what a flag or a variable gives."""
        return tuple(filter(None, re.split(r"[\s,]+", value))) if isinstance(value, str) else value

    @field_validator("select", mode="before")
    @classmethod
    def _names_a_rule(cls, value: object) -> object:
        """Refuse `--select "$RULES"` with nothing in it, which would silence the gate; `[]` in a file is meant so."""
        if isinstance(value, str) and not value.strip(", \t\n"):
            raise ValueError("it names no rule, so nothing would be found; name some, as in ND1, or leave it out")
        return value

    @field_validator("select", "ignore", "severity")
    @classmethod
    def _rules_exist(cls, value: Any) -> Any:
        _check_rules(value)
        return value

    @field_validator("per_path_ignores")
    @classmethod
    def _rules_of_paths_exist(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        _check_rules(prefix for prefixes in value.values() for prefix in prefixes)
        return value


def _check_rules(prefixes: Iterable[str]) -> None:
    for prefix in prefixes:
        if not codes_under(prefix):
            raise ValueError(f"no rule is called {prefix!r}; 'newsdedup check --list-rules' has all of them")


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
    memory: ByteSize | None = Field(
        default=None, ge=1 << 26, description="memory for pairing, as `2GiB`; default: half of what is free"
    )
    model: str | None = Field(default=None, description="model file; default: the one that ships")

    store: str | None = Field(
        default=None, description="file of the store that `ingest` adds to, and that `store` asks"
    )
    wait: float = Field(default=10.0, ge=0, description="seconds to wait for another who writes the store")

    check: CheckSettings = Field(default=CheckSettings(), description="settings of `check`")

    # -- load ------------------------------------------------------------------------------------------------------
    # One record (a line of JSON Lines, a file of text). Ten times the longest article met in 60,509 real ones; a
    # 50 MB line is a broken export, and sentence alignment over it would stall the run.
    max_record_chars: int = Field(default=20_000_000, ge=1)


def load_config(
    overrides: Mapping[str, object], *, folder: Path | None = None, environ: Mapping[str, str] | None = None
) -> Config:
    """Merge the sources of settings in their order of precedence; `overrides` that are None count as not given.

    Paths in a file of settings are taken from its folder. Raises ConfigError naming the source and the setting.
    """
    settings: dict[str, Any] = {}
    origin: dict[str, str] = {}

    def take(values: Mapping[str, object], source: str) -> None:
        for name, value in values.items():
            if name == "check" and isinstance(value, Mapping) and isinstance(settings.get(name, {}), dict):
                settings[name] = {**settings.get(name, {}), **value}
                origin.update((f"check.{each}", source) for each in value)
            elif name == "check" and "check" in settings:
                continue  # what is no table stays, to be refused
            else:
                settings[name] = value
            origin[name] = source

    file, table = _config_file(folder or Path.cwd())
    if file is not None:
        take(_anchored(table, file.parent), str(file))
    take(_variables(os.environ if environ is None else environ), "the environment")
    given = {name: value for name, value in overrides.items() if value is not None}
    if isinstance(flags := given.get("check"), Mapping):
        given["check"] = {name: value for name, value in flags.items() if value is not None}
    take(given, "the command line")
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


def _variables(environ: Mapping[str, str]) -> dict[str, object]:
    """Return the settings that the environment gives: `NEWSDEDUP_WORKERS`, `NEWSDEDUP_CHECK_FAIL_ON`."""
    given: dict[str, object] = {
        name: value
        for name in Config.model_fields
        if name != "check" and (value := environ.get(f"NEWSDEDUP_{name.upper()}"))
    }
    tables = {"severity", "per_path_ignores"}
    check = {
        name: value
        for name in CheckSettings.model_fields
        if name not in tables and (value := environ.get(f"NEWSDEDUP_CHECK_{name.upper()}"))
    }
    return given | ({"check": check} if check else {})


def _anchored(table: Mapping[str, object], folder: Path) -> dict[str, object]:
    """Return a table of settings whose paths and patterns of paths lead from the folder of its file."""
    table = dict(table)
    for name in ("model", "store"):
        if isinstance(path := table.get(name), str) and path:
            table[name] = os.path.relpath(folder / path)
    check = table.get("check")
    if not isinstance(check, dict):
        return table
    anchored = dict(check)
    if isinstance(check.get("baseline"), str) and check["baseline"]:
        anchored["baseline"] = os.path.relpath(folder / check["baseline"])
    if isinstance(check.get("per_path_ignores"), dict):
        root = glob.escape(str(folder.resolve()))
        anchored["per_path_ignores"] = {
            pattern if os.path.isabs(pattern) else f"{root}/{pattern.removeprefix('./')}": codes  # noqa: PTH117
            for pattern, codes in check["per_path_ignores"].items()
        }
    return {**table, "check": anchored}


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
