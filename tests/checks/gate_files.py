"""Article files for the tests of `check`, from seeds/, and short ways to check them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from builders import SEEDS
from newsdedup.checks import check
from newsdedup.checks.baseline import Baseline
from newsdedup.config import CheckSettings, Config
from newsdedup.models.checks import CheckReport
from newsdedup.readers import load


def seed(name: str) -> str:
    """Return the text of a file of seeds/, without a mark; one of them is in Windows-1252."""
    data = (SEEDS / name).read_bytes()
    return data.decode("cp1252" if b"\x91" in data[:10] else "utf-8-sig")


AGENCY, REPRINT = seed("ferry-agency.txt"), seed("ferry-reprint.txt")
ABRIDGED, UPDATE = seed("ferry-abridged.txt"), seed("ferry-update.txt")
WIRE, REWRITE = seed("xi-ai-wire.txt"), seed("xi-ai-rewrite.txt")
CLOSURE, REACTION = seed("bridge-closure.txt"), seed("bridge-reaction.txt")
BRENNICK, TALLMERE = seed("earnings-brennick.txt"), seed("earnings-tallmere.txt")
WIND = seed("wind-farm-hard-wrapped.txt")


def with_header(text: str, line: str) -> str:
    """Return an article with one more line at the top of its header."""
    return f"{line}\n{text}" if re.match(r"\ufeff?[A-Z]\w*:", text) else f"{line}\n\n{text}"


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write `files` into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def checked(
    folder: Path,
    new: Mapping[str, str | bytes],
    known: Mapping[str, str | bytes] | None = None,
    *,
    baseline: Baseline | None = None,
    delimiter: str | None = None,
    **settings: Any,
) -> CheckReport:
    """Write the files and check the new ones against the known ones; `settings` are those of the table [check]."""
    write(folder, {**new, **(known or {})})
    config = Config(workers=1, delimiter=delimiter, check=CheckSettings.model_validate(settings))
    with contextlib.chdir(folder):
        return check(load(list(new), config), load(list(known or {}), config), config, baseline=baseline)


def brief(report: CheckReport) -> list[str]:
    """Return each finding as its location, code and the article compared with: `b.txt:3 ND102 a.txt`."""
    return [
        f"{each.location.path}:{each.location.line} {each.code}" + (f" {each.other.path}" if each.other else "")
        for each in report.findings
    ]


def codes(report: CheckReport) -> Sequence[str]:
    """Return the codes of all findings, in order."""
    return [each.code for each in report.findings]
