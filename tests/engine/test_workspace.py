"""Temporary files: read where they were written, bounded, and removed however a run ends."""

from __future__ import annotations

import errno
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from builders import DATA, background
from newsdedup.clean import clean
from newsdedup.cli import main
from newsdedup.engine.feature_cache import FeatureCache
from newsdedup.engine.workspace import Spool
from newsdedup.errors import OutputError
from untidy_pages import labelled_articles

pytestmark = pytest.mark.usefixtures("temporary_folder")


def test_a_spool_is_read_where_it_was_written(tmp_path: Path) -> None:
    """Records are read in order, also empty ones and after more were added."""
    spool = Spool(tmp_path, "words")
    first, second = spool.add([b"one", b"", b"three"]), spool.add([b"four"])
    assert [spool.read(place) for place in first] == [b"one", b"", b"three"]
    assert spool.read(second[0]) == b"four"
    spool.close()
    copy = pickle.loads(pickle.dumps(spool))  # noqa: S301
    assert copy.read(second[0]) == b"four"
    copy.close()


def test_the_feature_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Features of recent reports are not computed again, and the cache never exceeds its size."""
    monkeypatch.setattr("newsdedup.engine.feature_cache.FEATURE_CACHE_SIZE", 2)
    reports = [clean(original) for original in list(labelled_articles().values())[:4]]
    features = FeatureCache(reports, background())
    assert features[0] is features[0]
    cached = features[1]
    assert features[2].report is reports[2]
    assert features[1] is cached
    assert len(features._cache) == 2


# -- failures ----------------------------------------------------------------------------------------------------------


def test_a_missing_temporary_folder_is_one_line(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2, no traceback."""
    (tmp_path / "a.txt").write_text("The ferry sailed.", encoding="utf-8")

    def nowhere(**_: object) -> None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    monkeypatch.setattr("newsdedup.engine.workspace.tempfile.mkdtemp", nowhere)
    assert main(["ingest", str(tmp_path / "a.txt")]) == 2
    err = capfd.readouterr().err
    assert err.startswith("newsdedup: error: cannot create a temporary folder: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_temporary_folder_is_one_line(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """The same message from this process and from a worker."""

    def full(*_: object) -> None:
        raise OutputError("the temporary folder cannot be written: No space left on device; name a disk with room")

    for n in range(300):
        (tmp_path / f"{n:03}.txt").write_text(f"The ferry number {n} sailed at noon.", encoding="utf-8")
    monkeypatch.setattr(Spool, "add", full)
    assert main(["ingest", str(tmp_path), "--workers", str(workers)]) == 2
    err = capfd.readouterr().err
    assert err.startswith("newsdedup: error: the temporary folder cannot be written: No space left")
    assert err.count("\n") == 1


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("where", ["candidates.Path.write_bytes", "engine.workspace.np.ascontiguousarray"])
def test_a_disk_that_fills_up_later_is_one_line(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, where: str, workers: int
) -> None:
    """During candidate search, and while columns are written."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(f"newsdedup.{where}", full)
    path = DATA / "labelled.jsonl"
    assert main(["ingest", str(path), "--workers", str(workers)]) == 2
    err = capfd.readouterr().err
    assert err.startswith("newsdedup: error: the temporary folder cannot be written: No space left")
    assert err.count("\n") == 1


def test_ctrl_c_leaves_no_folder(tmp_path: Path) -> None:
    """While workers run: exit 130, and the temporary folder is removed."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    path = tmp_path / "news.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        for n in range(6000):
            lines = [
                f"The ferry number {n + k} sailed from port {n * k} at noon on Sunday, they said." for k in range(40)
            ]
            stream.write(json.dumps({"id": str(n), "text": "\n".join(lines)}) + "\n")
    command = [sys.executable, "-m", "newsdedup", "ingest", str(path), "-f", "jsonl", "--workers", "2", "-v"]
    environment = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as running:
        deadline = time.monotonic() + 60
        while not list(folder.glob("newsdedup-*/reports.*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
    assert running.returncode == 130
    assert not list(folder.iterdir())
