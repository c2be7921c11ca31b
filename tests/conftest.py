"""What every test may use: the settings of Hypothesis, a watched temporary folder, the command line over fake stages.

All are in one file, because mypy accepts no two modules of one name.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from fakes import Ran, Run

# A test fails for what it finds and never for how long that took: machines are slow, and others use them too. Nothing
# is kept from run to run, so that a run shows the same on every machine and workers share no folder. The seed stands in
# pyproject.toml, and another one given beside it wins: Hypothesis' own profile for CI would let none win.
settings.register_profile(
    "tests",
    settings.get_profile("default"),
    derandomize=False,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tests")


@pytest.fixture
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make runs use a temporary folder that must be empty after the test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    if os.access(folder, os.W_OK):
        assert not list(folder.iterdir())


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command line over the fakes, in an empty folder, off a terminal."""
    import fakes  # noqa: PLC0415 - of tests/cli, and loads stages that most other tests do without

    from newsdedup.cli import main  # noqa: PLC0415 - likewise

    for name, module in fakes.fake_modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "CI", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    fakes.SEEN.clear()

    def call(*argv: str) -> Ran:
        capfd.readouterr()
        code = main(argv)
        out, err = capfd.readouterr()
        return fakes.Ran(code, out, err)

    return call
