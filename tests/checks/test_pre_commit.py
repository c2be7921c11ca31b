"""The hook of .pre-commit-hooks.yaml, run by pre-commit itself at real commits.

pre-commit clones the repository of hooks and reads our manifest from the clone. Only `language: python` is replaced,
for which it would install newsdedup from a package index; the newsdedup that runs is the one under test.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from gate_files import AGENCY, CLOSURE, REPRINT, WIND
from git_repositories import Repo, repository
from scratch import ROOT, isolate

MANIFEST = ROOT.joinpath(".pre-commit-hooks.yaml").read_text(encoding="utf-8")
BROKEN = "Watch the video above.\n"


@pytest.fixture
def hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """Give a repository of hooks with our manifest."""
    isolate(tmp_path, monkeypatch)
    made = repository(tmp_path / "hooks")
    assert MANIFEST.count("language: python\n") == 1
    made.write(".pre-commit-hooks.yaml", MANIFEST.replace("language: python\n", "language: system\n"))
    made.commit()
    return made


@pytest.fixture
def repo(tmp_path: Path, hooks: Repo) -> Repo:
    """Give a repository without a commit, the hook installed for its folder of articles."""
    return installed(tmp_path / "repo", hooks, "seeds/")


def installed(top: Path, hooks: Repo, *args: str) -> Repo:
    """Return a new repository in which the hook runs with these arguments before every commit."""
    made = repository(top)
    hook = {"id": "newsdedup-check", "args": list(args)}
    config = {"repos": [{"repo": str(hooks.top), "rev": hooks.git("rev-parse", "HEAD"), "hooks": [hook]}]}
    made.write(".pre-commit-config.yaml", yaml.safe_dump(config))
    subprocess.run(["pre-commit", "install"], cwd=top, check=True, capture_output=True)
    return made


def commit(repo: Repo, *paths: str) -> tuple[bool, str]:
    """Add the paths and commit; return whether the hook let it pass, and all that was printed."""
    repo.git("add", "--", *paths)
    done = subprocess.run(
        ["git", "commit", "--message", "news"], cwd=repo.top, check=False, capture_output=True, encoding="utf-8"
    )
    return done.returncode == 0, done.stdout + done.stderr


def start(repo: Repo) -> None:
    """Make the first commit, with one article."""
    repo.write("seeds/agency.txt", AGENCY)
    passed, said = commit(repo, ".pre-commit-config.yaml", "seeds")
    assert passed, said


def test_the_first_commit_of_a_repository_passes(repo: Repo) -> None:
    """Though there is no HEAD yet: everything is new, and an article beside which there is no other breaks nothing."""
    repo.write("seeds/agency.txt", AGENCY)
    passed, said = commit(repo, ".pre-commit-config.yaml", "seeds")
    assert passed, said
    assert "Passed" in said


def test_a_first_commit_that_brings_a_reprint_is_stopped(repo: Repo) -> None:
    """Among the new ones themselves."""
    repo.write("seeds/agency.txt", AGENCY)
    repo.write("seeds/reprint.txt", REPRINT)
    passed, said = commit(repo, ".pre-commit-config.yaml", "seeds")
    assert not passed
    assert "ND102" in said


def test_an_unrelated_article_passes_and_a_reprint_stops_the_commit(repo: Repo) -> None:
    """What pre-commit shows says which file it is and what it is like."""
    start(repo)
    repo.write("seeds/closure.txt", CLOSURE)
    assert commit(repo, "seeds")[0]
    repo.write("seeds/reprint.txt", REPRINT)
    passed, said = commit(repo, "seeds")
    assert not passed
    assert "exit code: 1" in said
    assert "seeds/reprint.txt:8: error ND102 reprint" in said
    assert "seeds/agency.txt" in said
    assert repo.git("log", "--format=%H").count("\n") == 1


def test_what_is_edited_and_not_added_is_not_checked(repo: Repo) -> None:
    """pre-commit puts it aside while the hook runs, and back afterwards."""
    start(repo)
    repo.write("seeds/agency.txt", BROKEN)
    repo.write("seeds/closure.txt", CLOSURE)
    passed, said = commit(repo, "seeds/closure.txt")
    assert passed, said
    assert (repo.top / "seeds/agency.txt").read_text(encoding="utf-8") == BROKEN


def test_a_file_that_was_never_added_is_checked_all_the_same(repo: Repo) -> None:
    """pre-commit leaves such files in place; docs/ci.md says so, and that what git ignores is not new."""
    start(repo)
    repo.write("seeds/draft.txt", BROKEN)
    repo.write("seeds/closure.txt", CLOSURE)
    passed, said = commit(repo, "seeds/closure.txt")
    assert not passed
    assert "seeds/draft.txt:1: error ND005" in said
    repo.write(".git/info/exclude", "draft.txt\n")
    passed, said = commit(repo, "seeds/closure.txt")
    assert passed, said


def test_a_commit_of_other_files_looks_at_no_article(repo: Repo) -> None:
    """A known duplicate does not stop the commit."""
    repo.write("seeds/agency.txt", AGENCY)
    repo.write("seeds/reprint.txt", REPRINT)
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--no-verify", "--message", "accepted")
    repo.write("notes.md", "# Notes\n")
    passed, said = commit(repo, "notes.md")
    assert passed, said


def test_a_removed_article_passes(repo: Repo) -> None:
    """A commit that only removes holds no file, so pre-commit has nothing to run the hook on."""
    start(repo)
    repo.git("rm", "--quiet", "seeds/agency.txt")
    passed, said = commit(repo)
    assert passed, said


def test_a_merge_is_left_to_ci(repo: Repo) -> None:
    """pre-commit checks no file that is unchanged from one side, so accepted duplicates of the other side pass."""
    start(repo)
    repo.git("checkout", "--quiet", "-b", "branch")
    repo.write("seeds/reprint.txt", REPRINT)
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--no-verify", "--message", "accepted")
    repo.git("checkout", "--quiet", "main")
    repo.write("seeds/wind.txt", WIND)
    assert commit(repo, "seeds")[0]
    repo.git("merge", "--quiet", "--no-commit", "branch")
    passed, said = commit(repo, "seeds")
    assert passed, said
    assert "Skipped" in said


def test_another_commit_can_be_given(tmp_path: Path, hooks: Repo) -> None:
    """Of two --since the last one holds, so the arguments of the user win over the entry."""
    repo = installed(tmp_path / "repo", hooks, "--since", "start", "seeds/")
    repo.write("seeds/agency.txt", AGENCY)
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--no-verify", "--message", "first")
    repo.git("tag", "start")
    repo.write("seeds/reprint.txt", REPRINT)
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--no-verify", "--message", "second")
    repo.write("seeds/wind.txt", WIND)
    passed, said = commit(repo, "seeds")
    assert not passed
    assert "seeds/reprint.txt:8: error ND102 reprint" in said


def test_without_paths_it_says_what_is_missing(tmp_path: Path, hooks: Repo) -> None:
    """There is no good default: in the root of a repository lie text files that are no articles."""
    repo = installed(tmp_path / "repo", hooks)
    passed, said = commit(repo, ".pre-commit-config.yaml")
    assert not passed
    assert "check needs PATHS" in said


def test_the_hook_asks_git_and_not_pre_commit() -> None:
    """The manifest as pre-commit reads it."""
    (hook,) = yaml.safe_load(MANIFEST)
    assert hook["id"] == "newsdedup-check"
    assert hook["language"] == "python"
    assert hook["pass_filenames"] is False
    assert hook["entry"] == "newsdedup check --since HEAD"
