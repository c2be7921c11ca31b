"""The command as a CI job runs it: in a real repository, on what a branch adds."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from gate_files import ABRIDGED, AGENCY, BRENNICK, CLOSURE, REPRINT, REWRITE, TALLMERE, WIND, WIRE, with_header
from git_repositories import Repo, repository

from newsdedup.cli import main

KNOWN = {"agency": AGENCY, "wire": WIRE, "brennick": BRENNICK, "closure": CLOSURE}


@dataclass(frozen=True)
class Ran:
    """What one run left behind: exit code, each finding as `path code other`, and the last line on stderr."""

    code: int
    found: list[str]
    says: str


Run = Callable[..., Ran]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """Return a repository with four known articles on `main`, on a branch that has nothing of its own yet."""
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "gitconfig").write_text(
        '[user]\nname = A Reporter\nemail = a@news.example\n[protocol "file"]\nallow = always\n'
    )
    made = repository(tmp_path / "repo")
    for name, text in KNOWN.items():
        made.write(f"seeds/{name}.txt", text)
    made.commit()
    made.git("checkout", "--quiet", "-b", "branch")
    monkeypatch.chdir(made.top)
    return made


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `check seeds/ --since main` with further arguments."""

    def call(*arguments: str, since: str = "main") -> Ran:
        capfd.readouterr()
        code = main(["check", "seeds", "--since", since, "--format", "jsonl", "--workers", "1", *arguments])
        out, err = capfd.readouterr()
        rows = [json.loads(line) for line in out.splitlines()]
        found = [
            " ".join([row["location"]["path"], row["code"], *([row["other"]["path"]] if row["other"] else [])])
            for row in rows
        ]
        return Ran(code, found, err.splitlines()[-1] if err else "")

    return call


ADDED = {
    "an unrelated article": (WIND, 0, []),
    "a reprint": (REPRINT, 1, ["seeds/new.txt ND102 seeds/agency.txt"]),
    "a cut": (ABRIDGED, 1, ["seeds/new.txt ND103 seeds/agency.txt"]),
    "a rewrite": (REWRITE, 1, ["seeds/new.txt ND105 seeds/wire.txt"]),
    "a copy": (AGENCY, 1, ["seeds/new.txt ND101 seeds/agency.txt"]),
    "a sibling of a template": (TALLMERE, 0, ["seeds/new.txt ND301 seeds/brennick.txt"]),
    "an empty file": ("", 1, ["seeds/new.txt ND003"]),
    "a waived reprint": (with_header(REPRINT, "Newsdedup-Ignore: ND102 kept for its photograph"), 0, []),
    "a waiver that nothing needs": (with_header(WIND, "Newsdedup-Ignore: ND102"), 0, ["seeds/new.txt ND901"]),
}


@pytest.mark.parametrize("state", ["committed", "staged", "untracked"])
@pytest.mark.parametrize(("text", "code", "found"), ADDED.values(), ids=ADDED)
def test_a_new_file(repo: Repo, run: Run, state: str, text: str, code: int, found: list[str]) -> None:
    """However far it got: findings are of the new file alone, and errors among them fail the job."""
    repo.write("seeds/new.txt", text)
    if state == "staged":
        repo.git("add", "--all")
    elif state == "committed":
        repo.commit()
    ran = run()
    assert (ran.code, ran.found) == (code, found)
    assert "1 new article checked against 4 known" in ran.says or not text


def test_nothing_new(repo: Repo, run: Run) -> None:
    """Files that are not articles are skipped, and the output says so."""
    repo.write("README.md", "Seeds.\n")
    repo.write("seeds/README.md", "Seeds.\n")
    ran = run()
    assert (ran.code, ran.found) == (0, [])
    assert "no articles changed since main" in ran.says


def test_a_renamed_file_is_known(repo: Repo, run: Run) -> None:
    """Also if another article contains its report: that is not new."""
    repo.git("mv", "seeds/agency.txt", "seeds/desk.txt")
    repo.write("seeds/reprint.txt", REPRINT)
    repo.commit()
    assert run().found == ["seeds/reprint.txt ND102 seeds/desk.txt"]
    repo.git("mv", "seeds/reprint.txt", "seeds/moved.txt")
    assert run(since="HEAD").found == []


def test_a_changed_file_is_new(repo: Repo, run: Run) -> None:
    """It may now duplicate another article; it is not compared with its earlier version."""
    repo.write("seeds/closure.txt", CLOSURE.replace("19 centimetres", "20 centimetres"))
    assert run().found == []
    repo.write("seeds/closure.txt", REPRINT)
    ran = run()
    assert (ran.code, ran.found) == (1, ["seeds/closure.txt ND102 seeds/agency.txt"])


def test_the_merge_base_counts(repo: Repo, run: Run) -> None:
    """Articles added on main since the merge base are not new; what the branch adds twice is reported once."""
    repo.git("checkout", "--quiet", "main")
    repo.write("seeds/reprint.txt", REPRINT)
    repo.commit()
    repo.git("checkout", "--quiet", "branch")
    repo.write("seeds/one.txt", WIND)
    repo.write("seeds/two.txt", WIND)
    repo.commit()
    assert run().found == ["seeds/two.txt ND101 seeds/one.txt"]
    repo.git("merge", "--quiet", "main")
    assert run().found == ["seeds/two.txt ND101 seeds/one.txt"]


def test_a_baseline_accepts_what_it_holds_and_one_copy_more_fails(repo: Repo, run: Run) -> None:
    """The accepted reprint may move; a further copy of it is new."""
    repo.write("seeds/reprint.txt", REPRINT)
    accepted = main(["check", "seeds", "--baseline", "known.json", "--update-baseline", "--workers", "1", "--quiet"])
    repo.commit()
    assert accepted == 0
    assert (run("--baseline", "known.json").code, run().code) == (0, 1)
    repo.git("mv", "seeds/reprint.txt", "seeds/moved.txt")
    repo.commit()
    assert run("--baseline", "known.json").code == 0
    repo.write("seeds/copy.txt", REPRINT)
    repo.commit()
    ran = run("--baseline", "known.json", since="HEAD~1")
    assert (ran.code, ran.found) == (1, ["seeds/copy.txt ND101 seeds/moved.txt"])
    assert main(["check", "seeds", "--baseline", "known.json", "--workers", "1", "--quiet"]) == 1


def test_further_known_articles(repo: Repo, run: Run, tmp_path: Path) -> None:
    """Beside those of the repository; a file that is named on both sides is not compared with itself."""
    (tmp_path / "archive.txt").write_text(WIND)
    repo.write("seeds/new.txt", WIND.replace("62 turbines", "62 new turbines"))
    archive = str(tmp_path / "archive.txt")
    assert run("--against", archive, "--against", "seeds").found == [f"seeds/new.txt ND102 {archive}"]


def test_records_of_a_changed_file_are_all_new(repo: Repo, run: Run) -> None:
    """A feed is checked as a whole, each record on its line."""
    rows = [{"text": WIND}, {"text": REPRINT}, {"text": "Cut"}]
    repo.write("seeds/feed.jsonl", "\n".join(map(json.dumps, rows)))
    repo.commit()
    assert run().found == ["seeds/feed.jsonl ND102 seeds/agency.txt", "seeds/feed.jsonl ND005"]


def test_a_shallow_clone_says_what_to_fetch(
    repo: Repo, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than to call everything new, or nothing; once it is fetched the job runs."""
    first = repo.git("rev-parse", "HEAD")
    repo.write("seeds/new.txt", REPRINT)
    repo.commit()
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", f"file://{repo.top}", str(clone)], check=True)
    monkeypatch.chdir(clone)
    ran = run(since=first)
    assert (ran.code, ran.found) == (2, [])
    assert "git fetch --unshallow" in ran.says
    subprocess.run(["git", "-C", str(clone), "fetch", "--quiet", "--unshallow"], check=True)
    assert run(since=first).code == 1


@pytest.mark.usefixtures("repo")
def test_without_a_repository_or_with_an_unknown_ref_it_cannot_check(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is another exit code than findings have."""
    ran = run(since="mian")
    assert (ran.code, ran.found) == (2, [])
    assert ran.says.startswith("newsdedup: error: 'mian' is not a commit")
    (tmp_path / "plain" / "seeds").mkdir(parents=True)
    (tmp_path / "plain" / "seeds" / "a.txt").write_text(WIND)
    monkeypatch.chdir(tmp_path / "plain")
    ran = run()
    assert ran.code == 2
    assert "is not in a git repository" in ran.says
