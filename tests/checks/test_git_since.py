"""What is new since a commit, asked of real repositories in every state a user may leave one in."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from git_repositories import STORY, Repo, repository

from newsdedup.checks.git_changes import MAX_PATHS
from newsdedup.checks.git_since import find_new_files
from newsdedup.errors import GitError

Deed = Callable[[Repo], object]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give git no settings but the names it must have, whatever the user's are and in whatever hook this runs."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "XDG_CONFIG_HOME": str(tmp_path / "no-settings"),  # git reads an ignore file there
        "GIT_CEILING_DIRECTORIES": os.path.realpath(tmp_path.parent),
        "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "C", "GIT_COMMITTER_EMAIL": "c@example.org",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Give a repository with in/a.txt, in/b.txt and out/o.txt on `main`, and a branch from there checked out."""
    made = repository(tmp_path / "repo")
    made.commit("in/a.txt", "in/b.txt", "out/o.txt")
    made.git("checkout", "--quiet", "-b", "branch")
    return made


def edit(repo: Repo, name: str) -> None:
    with (repo.top / name).open("a", encoding="utf-8") as file:
        file.write("One sentence more.\n")


def move(repo: Repo, name: str, to: str) -> None:
    (repo.top / to).parent.mkdir(parents=True, exist_ok=True)
    (repo.top / name).rename(repo.top / to)


def copy(repo: Repo, name: str, to: str) -> None:
    (repo.top / to).parent.mkdir(parents=True, exist_ok=True)
    (repo.top / to).write_bytes((repo.top / name).read_bytes())


def link(repo: Repo, name: str, to: str) -> None:
    (repo.top / name).parent.mkdir(parents=True, exist_ok=True)
    (repo.top / name).unlink(missing_ok=True)
    (repo.top / name).symlink_to(to)


def swap(repo: Repo) -> None:
    move(repo, "in/a.txt", "in/t.txt")
    move(repo, "in/b.txt", "in/a.txt")
    move(repo, "in/t.txt", "in/b.txt")


def several(*steps: Deed) -> Deed:
    def do(repo: Repo) -> None:
        for step in steps:
            step(repo)

    return do


ODD = (
    "-n.txt", ":(top)n.txt", ":!n.txt", "*.txt", "[n].txt", "two  words.txt", "ü 新闻.txt", '"q".txt', "a\\b.txt",
    "line\nend.txt", "tab\t.txt", " .txt",
)  # fmt: skip
# What is done to in/a.txt, in/b.txt and out/o.txt, and what is new of it at and under `in`.
DEEDS: dict[str, tuple[Deed, set[str]]] = {
    "nothing": (lambda repo: repo, set()),
    "added": (lambda repo: repo.write("in/n.txt"), {"in/n.txt"}),
    "added in a folder": (lambda repo: repo.write("in/x/y/n.txt"), {"in/x/y/n.txt"}),
    "added elsewhere": (lambda repo: repo.write("out/n.txt"), set()),
    "added beside, the folder's name its beginning": (lambda repo: repo.write("in2/n.txt"), set()),
    "edited": (lambda repo: edit(repo, "in/a.txt"), {"in/a.txt"}),
    "emptied": (lambda repo: repo.write("in/a.txt", ""), {"in/a.txt"}),
    "deleted": (lambda repo: (repo.top / "in/a.txt").unlink(), set()),
    "renamed": (lambda repo: move(repo, "in/a.txt", "in/n.txt"), set()),
    "moved to a folder": (lambda repo: move(repo, "in/a.txt", "in/x/a.txt"), set()),
    "folder of all renamed": (several(lambda r: move(r, "in/a.txt", "in/x/a.txt"),
                                      lambda r: move(r, "in/b.txt", "in/x/b.txt")), set()),
    "renamed and edited": (several(lambda r: move(r, "in/a.txt", "in/n.txt"), lambda r: edit(r, "in/n.txt")),
                           {"in/n.txt"}),
    "copied": (lambda repo: copy(repo, "in/a.txt", "in/n.txt"), {"in/n.txt"}),
    "copied from elsewhere": (lambda repo: copy(repo, "out/o.txt", "in/n.txt"), {"in/n.txt"}),
    "renamed and copied, one name kept": (several(lambda r: copy(r, "in/a.txt", "in/c.txt"),
                                                  lambda r: move(r, "in/a.txt", "in/x/a.txt")), {"in/c.txt"}),
    "renamed and copied, both renamed": (several(lambda r: copy(r, "in/a.txt", "in/n.txt"),
                                                 lambda r: move(r, "in/a.txt", "in/m.txt")), {"in/n.txt"}),
    "moved in": (lambda repo: move(repo, "out/o.txt", "in/n.txt"), {"in/n.txt"}),
    "moved out": (lambda repo: move(repo, "in/a.txt", "out/n.txt"), set()),
    "swapped": (swap, set()),
    "renamed, its name given to another": (several(lambda r: move(r, "in/a.txt", "in/n.txt"),
                                                   lambda r: r.write("in/a.txt", "Another.")), {"in/a.txt"}),
    "renamed over another": (lambda repo: move(repo, "in/a.txt", "in/b.txt"), set()),
    "overwritten by a copy of another": (lambda repo: copy(repo, "in/a.txt", "in/b.txt"), {"in/b.txt"}),
    "mode": (lambda repo: (repo.top / "in/a.txt").chmod(0o755), set()),
    "mode and edited": (several(lambda r: (r.top / "in/a.txt").chmod(0o755), lambda r: edit(r, "in/a.txt")),
                        {"in/a.txt"}),
    "mode, and copied": (several(lambda r: (r.top / "in/a.txt").chmod(0o755),
                                 lambda r: copy(r, "in/a.txt", "in/A/a.txt")), {"in/A/a.txt"}),
    "made a link to elsewhere": (lambda repo: link(repo, "in/a.txt", "../out/o.txt"), {"out/o.txt"}),
    "made a link to what is there": (lambda repo: link(repo, "in/a.txt", "b.txt"), set()),
    "made a link to nothing": (lambda repo: link(repo, "in/a.txt", "nowhere"), set()),
    "renamed, a link left behind": (several(lambda r: move(r, "in/a.txt", "in/n.txt"),
                                            lambda r: link(r, "in/a.txt", "n.txt")), set()),
    "new link to a folder elsewhere": (lambda repo: link(repo, "in/l", "../out"), {"out/o.txt"}),
    "new link to the folder above": (lambda repo: link(repo, "in/x/l", "../../in"), set()),
    "new link to itself": (lambda repo: link(repo, "in/l", "l"), set()),
    "file made a folder": (several(lambda r: (r.top / "in/a.txt").unlink(),
                                   lambda r: r.write("in/a.txt/n.txt")), {"in/a.txt/n.txt"}),
    "renamed into a folder of its name": (several(lambda r: move(r, "in/a.txt", "in/t"),
                                                  lambda r: move(r, "in/t", "in/a.txt/t")), set()),
    "odd names": (lambda repo: [repo.write(f"in/{name}") for name in ODD], {f"in/{name}" for name in ODD}),
    "odd names edited beside a rename": (several(lambda r: [r.write(f"in/{name}") for name in ODD],
                                                 lambda r: move(r, "in/a.txt", "in/n.txt")),
                                         {f"in/{name}" for name in ODD}),
    "renamed to a name in quotes": (lambda repo: move(repo, "in/a.txt", 'in/"q\\\n".txt'), set()),
}  # fmt: skip
STATES: dict[str, tuple[str, ...]] = {
    "unstaged": (),
    "staged": ("add --all",),
    "committed": ("add --all", "commit --quiet --allow-empty --message deed"),
    "intended": ("add --intent-to-add .",),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("deed", DEEDS)
def test_what_was_done_is_judged_alike_in_every_state(repo: Repo, deed: str, state: str) -> None:
    """A deed is as new untracked or unstaged as it is staged or committed."""
    do, expected = DEEDS[deed]
    do(repo)
    for words in STATES[state]:
        repo.git(*words.split())
    assert repo.new("in") == expected


def test_several_changes_count_as_one(repo: Repo) -> None:
    """What the index holds in between counts for nothing: only the files that lie there are checked."""
    edit(repo, "in/a.txt")
    repo.commit()
    repo.write("in/n.txt")
    repo.git("add", "--all")
    edit(repo, "in/n.txt")
    repo.write("in/a.txt")  # as it was
    repo.write("in/m.txt")
    assert repo.new("in") == {"in/n.txt", "in/m.txt"}


def test_a_change_that_was_taken_back_is_not_new(repo: Repo) -> None:
    """Also when both the change and its reversal are committed."""
    edit(repo, "in/a.txt")
    repo.commit()
    repo.commit("in/a.txt")
    assert repo.new("in") == set()


def test_a_file_that_is_no_longer_tracked_but_there_is_judged_by_its_content(repo: Repo) -> None:
    """`git rm --cached` makes a file untracked; its content is none the newer for it."""
    repo.git("rm", "--quiet", "--cached", "in/a.txt", "in/b.txt")
    edit(repo, "in/b.txt")
    assert repo.new("in") == {"in/b.txt"}
    repo.write(".gitignore", "in/b.txt\n")
    assert repo.new("in") == set()


def test_ignored_files_are_not_new_unless_they_are_tracked(repo: Repo) -> None:
    """`git add --force` is how one says that an ignored file is meant."""
    repo.write(".gitignore", "i*.txt\n")
    repo.write("in/i1.txt")
    repo.write("in/i2.txt")
    repo.git("add", "--force", "in/i2.txt")
    assert repo.new("in") == {"in/i2.txt"}
    assert repo.new("in/i1.txt") == set()


def test_what_main_did_since_is_not_new(repo: Repo) -> None:
    """The comparison is with the merge base: main may add, change and delete files after the branch left it."""
    repo.commit("in/n.txt")
    repo.git("checkout", "--quiet", "main")
    edit(repo, "in/a.txt")
    (repo.top / "in/b.txt").unlink()
    repo.commit("in/m.txt")
    repo.git("checkout", "--quiet", "branch")
    assert repo.new("in") == {"in/n.txt"}
    repo.git("merge", "--quiet", "--no-edit", "main")
    assert repo.new("in") == {"in/n.txt"}


def test_in_the_midst_of_a_merge_what_main_brings_is_not_new(repo: Repo) -> None:
    """A commit hook runs so when the user has resolved the conflicts of a merge of main into the branch."""
    edit(repo, "in/a.txt")
    repo.commit("in/n.txt")
    repo.git("checkout", "--quiet", "main")
    repo.write("in/a.txt", "Rewritten.\n")
    repo.commit("in/m.txt")
    repo.git("checkout", "--quiet", "branch")
    repo.git("merge", "--quiet", "--no-commit", "--strategy-option=ours", "main")
    assert repo.new("in") == {"in/n.txt", "in/a.txt"}


def test_a_file_in_conflict_is_new(repo: Repo) -> None:
    """What lies there is neither side's, and neither the side that deleted it counts."""
    edit(repo, "in/a.txt")
    edit(repo, "in/b.txt")
    repo.commit()
    repo.git("checkout", "--quiet", "-b", "other", "main")
    repo.write("in/a.txt", "Rewritten.\n")
    (repo.top / "in/b.txt").unlink()
    repo.commit()
    repo.git("checkout", "--quiet", "branch")
    with pytest.raises(AssertionError):
        repo.git("merge", "--quiet", "other")
    assert repo.new("in") == {"in/a.txt", "in/b.txt"}


@pytest.mark.parametrize("ref", ["main", "HEAD~1", "v1", "annotated", "refs/heads/main", ":/^news", "@{-1}", "{sha}"])
def test_any_name_of_a_commit_will_do(repo: Repo, ref: str) -> None:
    """A branch, a tag, an ancestor, a search, a hash."""
    repo.git("tag", "v1", "main")
    repo.git("tag", "--annotate", "--message", "first", "annotated", "main")
    repo.write("in/n.txt")
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--message", "branch")
    assert repo.new("in", ref=ref.format(sha=repo.git("rev-parse", "main")) if "sha" in ref else ref) == {"in/n.txt"}


def test_paths_may_be_given_in_any_way(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative to a folder within, absolute, doubled, up and down, with a slash at the end, from a glob, with a `-`."""
    repo.commit("in/n.txt", "in/-n.txt", "in/:n.txt", "in/x/two words/ü.txt", "out/n.txt")
    folder = repo.top / "in"
    monkeypatch.chdir(folder)
    top = os.path.realpath(folder)
    deep = f"{top}/x/two words/ü.txt"
    for paths, names in {
        (".",): {f"{top}/n.txt", f"{top}/-n.txt", f"{top}/:n.txt", deep},
        ("n.txt", "a.txt"): {f"{top}/n.txt"},
        ("-", "-n.txt", ":n.txt"): {f"{top}/-n.txt", f"{top}/:n.txt"},
        ("-",): set(),
        (): set(),
        ("x/",): {deep},
        ("x//", "x/two words", str(folder / "x"), "../in/x/../x/two words/ü.txt"): {deep},
        ("x/..", ): {f"{top}/n.txt", f"{top}/-n.txt", f"{top}/:n.txt", deep},
        ("../out", "../out/n.txt", "n.txt"): {os.path.realpath(repo.top / "out/n.txt"), f"{top}/n.txt"},
        ("..", ): {f"{top}/n.txt", f"{top}/-n.txt", f"{top}/:n.txt", deep, os.path.realpath(repo.top / "out/n.txt")},
    }.items():  # fmt: skip
        assert find_new_files(paths, "main") == names, paths
    monkeypatch.chdir(folder / "x")
    assert find_new_files(["../n.txt"], "main") == {f"{top}/n.txt"}


@pytest.mark.parametrize("name", [":(bad)n.txt", ":!n.txt", ":n.txt", "[m]n.txt", "-n.txt", "\\n.txt"])
def test_a_name_is_no_pattern(repo: Repo, name: str) -> None:
    """Git treats a colon, a bracket or a backslash as magic by default."""
    repo.write(name)
    repo.write("mn.txt")
    assert repo.new(name) == {name}
    repo.git("add", "--all")
    assert repo.new(name) == {name}


def test_a_rename_counts_only_among_the_paths(repo: Repo) -> None:
    """Each file named on its own is a path: a file moved from one to the other was there, one moved in was not."""
    move(repo, "in/a.txt", "out/a.txt")
    assert repo.new("in", "out") == set()
    assert repo.new("out") == {"out/a.txt"}
    assert repo.new("out/a.txt") == {"out/a.txt"}


def test_more_paths_than_a_command_line_holds(repo: Repo) -> None:
    """A glob of the shell may name thousands of files; those not named are not returned all the same."""
    names = [f"in/{number}.txt" for number in range(MAX_PATHS + 1)]
    for name in [*names, "in/not-named.txt"]:
        repo.write(name, name)
    assert repo.new(*names) == set(names)
    repo.git("add", "--all")
    assert repo.new(*names) == set(names)


def test_links_are_followed_as_the_loader_does(repo: Repo, tmp_path: Path) -> None:
    """A tracked link leads to files that are judged where they lie; so does one that is named, wherever it is."""
    link(repo, "in/l", "../out")
    link(repo, "in/x/back", "..")
    repo.git("checkout", "--quiet", "main")
    repo.commit()
    repo.git("checkout", "--quiet", "-B", "branch")
    repo.write("out/n.txt")
    repo.write("in/n.txt")
    edit(repo, "out/o.txt")
    assert repo.new("in") == {"out/n.txt", "out/o.txt", "in/n.txt"}
    assert repo.new("in/l") == {"out/n.txt", "out/o.txt"}
    assert repo.new("in/l/") == {"out/n.txt", "out/o.txt"}
    assert repo.new("in/l/n.txt", "in/a.txt") == {"out/n.txt"}
    (tmp_path / "afar").symlink_to(repo.top / "in" / "n.txt")
    (tmp_path / "away").symlink_to(tmp_path)
    assert repo.new(tmp_path / "afar") == {"in/n.txt"}
    assert repo.new(tmp_path / "away" / "repo" / "in" / "n.txt") == {"in/n.txt"}


def test_a_link_is_no_content_that_could_be_moved(repo: Repo) -> None:
    """Git keeps a link as a text, the path it leads to; a file of that text is another thing."""
    link(repo, "in/l", "b.txt")
    repo.commit()
    (repo.top / "in/l").unlink()
    repo.write("in/n.txt", "b.txt")
    assert repo.new("in", ref="HEAD") == {"in/n.txt"}


def test_a_link_that_now_leads_elsewhere_brings_all_that_lies_there(repo: Repo, tmp_path: Path) -> None:
    """The files there were not among the paths before, in whatever repository they are, or in none."""
    link(repo, "in/l", "../out")
    repo.git("checkout", "--quiet", "main")
    repo.commit("else/e.txt", "else/x/f.txt")
    repo.git("checkout", "--quiet", "-B", "branch")
    link(repo, "in/l", "../else")
    assert repo.new("in") == {"else/e.txt", "else/x/f.txt"}
    assert repo.new("in/l") == {"else/e.txt", "else/x/f.txt"}
    assert repo.new("in/l/") == {"else/e.txt", "else/x/f.txt"}
    assert repo.new("in", "else/e.txt") == {"else/x/f.txt"}
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "n.txt").write_text("N.")
    link(repo, "in/l", str(tmp_path / "none"))
    assert repo.new("in") == {"../none/n.txt"}
    repo.git("checkout", "--quiet", "main")
    repo.commit()
    assert repo.new("in", ref="HEAD") == set()  # no git tells what is new there, and the link is not


def test_several_repositories_each_by_its_own_commit(repo: Repo, tmp_path: Path) -> None:
    """The same name is looked up in each; contents move from one to the other as between folders."""
    other = repository(tmp_path / "other")
    other.commit("a.txt")
    other.git("checkout", "--quiet", "-b", "branch")
    other.commit("m.txt")
    repo.write("in/n.txt")
    assert repo.new("in", other.top) == {"in/n.txt", "../other/m.txt"}
    (repo.top / "in/b.txt").rename(other.top / "b.txt")
    assert repo.new("in", other.top) == {"in/n.txt", "../other/m.txt"}
    assert repo.new(other.top) == {"../other/m.txt", "../other/b.txt"}


def test_a_repository_that_lies_in_another_is_new_as_a_whole_unless_named(repo: Repo) -> None:
    """To the outer one it is an untracked folder, whatever has been committed in it; by its own measure it is not."""
    inner = repository(repo.top / "in" / "inner")
    inner.write(".gitignore", "i.txt\n")
    inner.commit("n.txt", "i.txt")
    assert repo.new("in") == {"in/inner/n.txt", "in/inner/.gitignore"}
    assert repo.new("in/inner") == set()
    unborn = repository(repo.top / "out" / "inner")
    unborn.write("n.txt")
    assert repo.new("out") == {"out/inner/n.txt"}


def test_in_a_submodule_the_recorded_commit_counts(repo: Repo, tmp_path: Path) -> None:
    """New is what differs from the commit that the merge base records: committed, staged or untracked in it."""
    source = repository(tmp_path / "source")
    source.commit("a.txt", "b.txt")
    add = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
    repo.git(*add, str(source.top), "in/sub")
    sub = Repo(repo.top / "in" / "sub")
    assert repo.new("in") == {"in/sub/a.txt", "in/sub/b.txt"}
    repo.commit()
    assert repo.new("in") == {"in/sub/a.txt", "in/sub/b.txt"}
    assert repo.new("in", ref="HEAD") == set()
    sub.write("n.txt")
    assert repo.new("in", ref="HEAD") == {"in/sub/n.txt"}
    sub.commit("n.txt")
    move(sub, "a.txt", "c.txt")
    assert repo.new("in", ref="HEAD") == {"in/sub/n.txt"}
    assert repo.new("in/sub", ref="HEAD") == set()  # c.txt is a.txt renamed
    edit(sub, "b.txt")
    repo.git("add", "--all")
    assert repo.new("in", ref="HEAD") == {"in/sub/n.txt", "in/sub/b.txt"}
    repo.git("commit", "--quiet", "--message", "sub")
    repo.git("submodule", "--quiet", "deinit", "--force", "in/sub")
    repo.write("in/n.txt")
    assert repo.new("in") == {"in/n.txt"}


def test_a_linked_worktree_is_judged_by_its_own_branch(repo: Repo, tmp_path: Path) -> None:
    """Its .git is a file, and its HEAD is not that of the repository it is linked to."""
    repo.commit("in/n.txt")
    repo.git("worktree", "add", "--quiet", "-b", "linked", str(tmp_path / "tree"), "main")
    tree = Repo(tmp_path / "tree")
    tree.write("in/m.txt")
    assert tree.new("in") == {"in/m.txt"}
    assert repo.new("in") == {"in/n.txt"}


@pytest.mark.parametrize("ref", ["HEAD", "main", "origin/main"])
def test_before_the_first_commit_everything_is_new(tmp_path: Path, ref: str) -> None:
    """As the commit hook of a new repository runs it; links and ignored files as ever."""
    repo = repository(tmp_path / "repo")
    repo.write(".gitignore", "i.txt\n")
    repo.write("in/i.txt")
    repo.write("in/n.txt")
    repo.write("in/m.txt")
    repo.git("add", "in/n.txt")
    assert repo.new("in", ref=ref) == {"in/n.txt", "in/m.txt"}


def test_line_ends_that_git_translates_are_no_difference(repo: Repo) -> None:
    """A moved file is known by the content that git would store, not by the bytes that a checkout made of it."""
    repo.git("config", "core.autocrlf", "true")
    repo.write("in/n.txt", (repo.top / "in/a.txt").read_text(encoding="utf-8").replace("\n", "\r\n"))
    (repo.top / "in/a.txt").unlink()
    assert repo.new("in") == set()


def test_line_ends_that_git_leaves_alone_are_no_difference(repo: Repo) -> None:
    """Git does not translate those of a file that was stored with them; touched or moved, it is not new."""
    for name in ("in/c.txt", "in/d.txt"):
        repo.write(name, f"{name}\r\nThe report.\r\n")
    repo.git("config", "core.autocrlf", "false")
    repo.commit()
    repo.git("config", "core.autocrlf", "true")
    os.utime(repo.top / "in/c.txt", (1, 1))
    move(repo, "in/d.txt", "in/e.txt")
    assert repo.new("in", ref="HEAD") == set()


def test_a_file_that_was_only_touched_is_not_new(repo: Repo) -> None:
    """A checkout that was copied, or mounted elsewhere, looks touched throughout."""
    os.utime(repo.top / "in/a.txt", (1, 1))
    assert repo.new("in") == set()


def test_names_that_are_no_unicode(repo: Repo) -> None:
    """A file name is bytes."""
    path = os.path.join(os.fsencode(repo.top), b"in", b"\xff.txt")  # noqa: PTH118 - bytes
    try:
        Path(os.fsdecode(path)).write_text("N.")
    except OSError:
        pytest.skip("this file system has no such names")
    assert repo.new("in") == {os.fsdecode(b"in/\xff.txt")}
    (repo.top / "in/b.txt").unlink()
    assert repo.new("in") == {os.fsdecode(b"in/\xff.txt")}


def test_what_the_user_has_set_changes_nothing(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and variables that bend what git lists, how it reads paths and in which language it speaks."""
    for setting, value in {
        "diff.relative": "true", "diff.renames": "copies", "color.ui": "always", "diff.autoRefreshIndex": "true",
        "core.quotePath": "true", "diff.ignoreSubmodules": "all", "status.showUntrackedFiles": "no",
        "diff.noprefix": "true",
    }.items():  # fmt: skip
        repo.git("config", setting, value)
    monkeypatch.setenv("GIT_ICASE_PATHSPECS", "1")
    monkeypatch.setenv("GIT_TRACE", "1")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    (repo.top / "in/b.txt").touch()
    move(repo, "in/a.txt", "in/ä.txt")
    copy(repo, "in/b.txt", "in/c.txt")
    repo.git("add", "--all")
    repo.write("in/n.txt")
    monkeypatch.chdir(repo.top / "in")
    assert repo.new("in") == {"in/c.txt", "in/n.txt"}
    with pytest.raises(GitError, match="is not a commit in the repository"):
        repo.new(ref="nowhere")


def test_no_program_runs_and_nothing_is_written(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that reads must not run what the repository's settings name, nor touch the repository."""
    source = repository(tmp_path / "source")
    source.commit("o.txt")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(source.top), "out/sub")
    repo.commit()
    sub = Repo(repo.top / "out/sub")
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho \"$0 $@\" >> '{ran}'\n")
    program.chmod(0o755)
    for hook in ("post-index-change", "post-checkout", "fsmonitor-watchman"):
        (repo.top / ".git/hooks").mkdir(exist_ok=True)
        (repo.top / ".git/hooks" / hook).write_bytes(program.read_bytes())
        (repo.top / ".git/hooks" / hook).chmod(0o755)
    repo.write(".gitattributes", "*.txt diff=odd\n")
    edit(repo, "in/a.txt")
    (repo.top / "in/b.txt").unlink()
    copy(repo, "out/o.txt", "in/n.txt")
    os.utime(repo.top / "out/o.txt", (1, 1))
    for setting in ("core.fsmonitor", "diff.external", "core.pager", "diff.odd.textconv", "diff.odd.command"):
        repo.git("config", setting, str(program))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(program))
    monkeypatch.setenv("GIT_PAGER", str(program))
    os.utime(sub.top / "o.txt", (1, 1))
    sub.git("config", "core.fsmonitor", str(program))
    ran.unlink(missing_ok=True)

    def state() -> dict[Path, tuple[int, int, int]]:
        found = ((path, path.stat()) for path in (repo.top / ".git").rglob("*"))
        return {path: (stat.st_mtime_ns, stat.st_size, stat.st_ino) for path, stat in found}

    before = state()
    assert repo.new(ref="HEAD") == {"in/a.txt", "in/n.txt", ".gitattributes"}
    assert state() == before
    assert not ran.exists(), ran.read_text()


HOOK = """#!/bin/sh
{before}
'{python}' -c '
import sys
from newsdedup.checks.git_since import find_new_files
print(*sorted(find_new_files(sys.argv[2:], sys.argv[1])), sep="\\n")
' {ref} {paths} > '{said}' 2>&1
"""


@pytest.fixture
def hooked(tmp_path: Path) -> Callable[..., set[str]]:
    """Return a function that runs `git commit` with a hook that lists new files, and returns their file names."""

    def commit(repo: Repo, *words: str, before: str = "", ref: str = "HEAD", paths: str = "in") -> set[str]:
        said = tmp_path / "said"
        hook = Path(os.path.realpath(repo.top), repo.git("rev-parse", "--git-path", "hooks"), "pre-commit")
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(HOOK.format(python=sys.executable, before=before, ref=ref, paths=paths, said=said))
        hook.chmod(0o755)
        repo.git(*words, "--quiet", "--message", "hooked")
        return {line.rpartition("/")[2] for line in said.read_text().splitlines()}

    return commit


COMMITS = {
    "plain": ("commit",),
    "all": ("commit", "--all"),
    "partial": ("commit", "in/s.txt"),
    "include": ("commit", "--include", "in/a.txt"),
}


@pytest.mark.parametrize("where", ["repository", "linked worktree", "tree apart", "tree tied by the environment"])
@pytest.mark.parametrize("how", COMMITS)
@pytest.mark.parametrize("before", ["", "cd in"])
def test_in_a_commit_hook(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hooked: Callable[..., set[str]], where: str, how: str,
    before: str,
) -> None:  # fmt: skip
    """Git sets a hook its repository, working tree and index, even one that is only about to be; links none astray."""
    options: tuple[str, ...] = ()
    if where == "linked worktree":
        repo.git("worktree", "add", "--quiet", "-b", "linked", str(tmp_path / "tree"), "main")
        repo = Repo(tmp_path / "tree")
    elif where != "repository":
        (repo.top / ".git").rename(tmp_path / "apart.git")
        if where == "tree apart":
            options = (f"--git-dir={tmp_path / 'apart.git'}", f"--work-tree={repo.top}")
        else:
            monkeypatch.setenv("GIT_DIR", str(tmp_path / "apart.git"))
            monkeypatch.setenv("GIT_WORK_TREE", str(repo.top))
    edit(repo, "in/a.txt")
    repo.write("in/s.txt")
    repo.write("in/t.txt")
    repo.git(*options, "add", "in/s.txt", "in/t.txt")
    move(repo, "in/b.txt", "in/c.txt")
    repo.write("in/u.txt")
    if options:
        monkeypatch.setenv("GIT_DIR", options[0].partition("=")[2])  # for `rev-parse` in the fixture
        monkeypatch.setenv("GIT_WORK_TREE", str(repo.top))
    expected = {"a.txt", "s.txt", "t.txt", "u.txt"}
    assert hooked(repo, *options, *COMMITS[how], before=before, paths="." if before else "in") == expected


def test_in_the_hook_of_the_first_commit(tmp_path: Path, hooked: Callable[..., set[str]]) -> None:
    """HEAD is a branch without a commit then."""
    repo = repository(tmp_path / "repo")
    repo.write("in/n.txt")
    repo.git("add", "--all")
    assert hooked(repo, "commit") == {"n.txt"}


def test_a_hook_of_one_repository_may_ask_for_another(
    repo: Repo, tmp_path: Path, hooked: Callable[..., set[str]]
) -> None:
    """The variables of the hook say nothing about a path elsewhere."""
    other = repository(tmp_path / "other")
    other.commit("a.txt")
    other.write("m.txt")
    repo.git("worktree", "add", "--quiet", "-b", "linked", str(tmp_path / "tree"), "main")
    tree = Repo(tmp_path / "tree")
    tree.write("in/n.txt")
    tree.git("add", "--all")
    assert hooked(tree, "commit", paths="in ../other") == {"n.txt", "m.txt"}


def test_a_shallow_clone_says_how_to_deepen_it(repo: Repo, tmp_path: Path) -> None:
    """It lacks the commit, or the merge base; where it has both, it serves."""
    repo.commit("in/n.txt")
    repo.git("checkout", "--quiet", "main")
    repo.commit("in/m.txt")
    repo.git("checkout", "--quiet", "branch")
    for depth in ("1", "2"):
        repo.git("clone", "--quiet", "--depth", depth, f"file://{repo.top}", str(tmp_path / depth))
    clone = Repo(tmp_path / "1")
    with pytest.raises(GitError, match=r"'origin/main' is not a commit .* shallow: .*--unshallow.*fetch-depth: 0"):
        clone.new(ref="origin/main")
    with pytest.raises(GitError, match=r"'HEAD~1' is not a commit .* shallow: .*--unshallow.*fetch-depth: 0"):
        clone.new(ref="HEAD~1")
    clone.git("fetch", "--quiet", "--depth", "1", "origin", "main:main")
    with pytest.raises(GitError, match=r"'main' and HEAD have no common ancestor .* shallow: .*fetch-depth: 0"):
        clone.new()
    clone.write("in/x.txt")
    assert clone.new(ref="HEAD") == {"in/x.txt"}
    assert Repo(tmp_path / "2").new(ref="HEAD~1") == {"in/n.txt"}


def test_no_common_ancestor(repo: Repo) -> None:
    """In a full clone more history does not help."""
    repo.git("checkout", "--quiet", "--orphan", "root")
    repo.commit("in/n.txt")
    with pytest.raises(GitError, match=r"^'main' and HEAD have no common ancestor in the repository .*descends from$"):
        repo.new()


@pytest.mark.parametrize(
    "ref", ["nowhere", "0" * 40, "HEAD:in", "HEAD:in/a.txt", "HEAD..HEAD", "a b", "main\nmain", "\udcff"]
)
def test_an_unknown_commit_is_named(repo: Repo, ref: str) -> None:
    """Also objects that are not commits, ranges, and the zeros that mean no commit on some servers."""
    with pytest.raises(GitError, match=r"is not a commit in the repository .*/repo; give --since .*git fetch") as e:
        repo.new(ref=ref)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("ref", ["", " ", "-", "--all", "--output=x", "^HEAD", "a\0b"])
def test_what_git_would_take_for_an_option_is_refused(repo: Repo, ref: str) -> None:
    """A ref comes from a CI setting that may be empty, or from a branch that someone else named."""
    with pytest.raises(GitError, match="is not a valid commit; give --since a branch, a tag or a commit"):
        repo.new(ref=ref)
    assert not (repo.top / "x").exists()


def test_a_path_in_no_repository(repo: Repo, tmp_path: Path) -> None:
    """The new files are unknown there, so the check must not pass silently."""
    (tmp_path / "n.txt").write_text("N.")
    (tmp_path / "l").symlink_to(tmp_path / "n.txt")
    for path in ("n.txt", "l", "."):
        with pytest.raises(
            GitError, match=r"is not in a git repository, so .*; give files in a repository, or leave out"
        ):
            repo.new("in", tmp_path / path)


def test_without_git(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git is found on the user's PATH, or not at all."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match=r"^git cannot be run .*; install it, or leave out --since$"):
        repo.new()


def test_a_bare_repository_holds_no_articles(repo: Repo, tmp_path: Path) -> None:
    """Its files are git's own; a working tree of it is one like any other."""
    repo.git("clone", "--quiet", "--bare", str(repo.top), str(tmp_path / "bare.git"))
    with pytest.raises(GitError, match="is in a bare repository, which has no checked-out files; give files in a work"):
        repo.new(tmp_path / "bare.git")
    repo.git("-C", str(tmp_path / "bare.git"), "worktree", "add", "--quiet", str(tmp_path / "tree"), "branch")
    tree = Repo(tmp_path / "tree")
    tree.write("in/n.txt")
    assert tree.new() == {"in/n.txt"}


def test_what_git_refuses_is_passed_on(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository of another owner (as in a container), one whose .git leads nowhere, one that is broken."""
    monkeypatch.setenv("GIT_TRACE", "1")  # its lines stand before git's complaint
    with monkeypatch.context() as patch:
        patch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        with pytest.raises(GitError, match=r"^git cannot read the repository of .*: fatal: .*dubious ownership.*"):
            repo.new()
    repo.write("out/.git", "gitdir: /nowhere\n")
    with pytest.raises(GitError, match=r"^git cannot read the repository of .*out: fatal: not a git repository"):
        repo.new("out")
    (repo.top / ".git/index").write_bytes(b"DIRC?")
    with pytest.raises(GitError, match=r"^git [-a-z]+ failed in .*repo: (fatal|error): ") as error:
        repo.new("in")
    assert "\n" not in str(error.value)


def test_a_story_is_long_enough_to_be_a_rename_in_git(repo: Repo) -> None:
    """Else the tests of renames with an edit would hold for a wrong reason."""
    move(repo, "in/a.txt", "in/n.txt")
    edit(repo, "in/n.txt")
    repo.commit()
    assert STORY
    assert repo.git("diff", "-M", "--name-status", "main...HEAD").startswith("R09")


def test_a_tree_tied_by_the_environment_ends_where_it_ends(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path outside it is in no repository for all that; and an index of one's own is found from a folder within."""
    (repo.top / ".git").rename(tmp_path / "apart.git")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "apart.git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(repo.top))
    monkeypatch.chdir(repo.top / "in")
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    repo.write(".gitignore", "n.txt")
    repo.write("in/n.txt")
    repo.git("read-tree", "main")
    repo.git("add", "--force", "in/n.txt")
    monkeypatch.setenv("GIT_INDEX_FILE", "../../index")
    assert repo.new("in") == {"in/n.txt"}
    (tmp_path / "m.txt").write_text("M.")
    with pytest.raises(GitError, match="is not in a git repository"):
        repo.new(tmp_path / "m.txt")
