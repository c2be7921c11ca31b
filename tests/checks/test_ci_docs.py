"""docs/ci.md is true: its sessions print what is shown, its other commands run, its tables are those of the code.

Every block runs in a repository of its own, the one that the document describes, with a real `origin` to fetch from.
Commands in YAML run as well, but for those that install; the variables that a CI server sets are set.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from gate_files import AGENCY, CLOSURE, REPRINT, WIND
from git_repositories import Repo
from scratch import ROOT, branch, isolate

from newsdedup.check_rules import RULES
from newsdedup.cli import main
from newsdedup.config import CheckSettings, load_config
from newsdedup.render.check.github import MAX_ANNOTATIONS
from newsdedup.render.check.markdown import MAX_LENGTH

DOCS = ROOT.joinpath("docs", "ci.md").read_text(encoding="utf-8")
LEFT_OUT = "[...]"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(found[1], found[2], DOCS.count("\n", 0, found.start()) + 1) for found in FENCE.finditer(DOCS)]


def each(language: str) -> list[Any]:
    """Return the blocks in a language, each as a case that is named for its line."""
    return [pytest.param(text, id=f"line-{line}") for kind, text, line in BLOCKS if kind == language]


def scratch(tmp_path: Path, new: dict[str, str]) -> Repo:
    """Return a clone whose branch adds `new` to the two articles on main, and which has its origin beside it."""
    repo = branch(
        tmp_path / "repo", known={"seeds/bridge-closure.txt": CLOSURE, "seeds/ferry-agency.txt": AGENCY}, new=new
    )
    repo.git("clone", "--quiet", "--bare", ".", "../origin.git")
    repo.git("remote", "add", "origin", "../origin.git")
    return repo


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """Give the repository of the document, whose branch adds a reprint."""
    isolate(tmp_path, monkeypatch)
    return scratch(tmp_path, {"seeds/ferry-reprint.txt": REPRINT})


@pytest.fixture
def sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """Give one whose branch adds an article that breaks nothing."""
    isolate(tmp_path, monkeypatch)
    return scratch(tmp_path, {"seeds/wind.txt": WIND})


def run(repo: Repo, script: str, **variables: str) -> tuple[int, str]:
    """Run a script of bash in the repository; return its exit code and what a terminal shows."""
    if re.search(r"\bjq\b", script) and shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=repo.top,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout


# -- shell -----------------------------------------------------------------------------------------------------------


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    """Else it could say anything."""
    assert {kind for kind, _, _ in BLOCKS} == {"sh", "console", "yaml", "toml"}


@pytest.mark.parametrize("block", each("sh"))
def test_commands_run(block: str, sound: Repo) -> None:
    """And pass, where nothing is wrong with the new article."""
    code, said = run(sound, block)
    assert code == 0, said


@pytest.mark.parametrize("block", each("sh"))
def test_commands_fail_where_there_is_a_reprint(block: str, repo: Repo) -> None:
    """All of them gate."""
    code, said = run(repo, block)
    assert code == 1, said


@pytest.mark.parametrize("block", each("console"))
def test_sessions_print_what_is_shown(block: str, repo: Repo) -> None:
    """Each `$ ` line runs, and the lines up to the next are what it prints; `[...]` stands for any."""
    steps = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    assert "".join(f"$ {command}\n{shown}" for command, shown in steps) == block
    for command, shown in steps:
        code, printed = run(repo, f"set +o pipefail; {command}")  # as at a prompt
        lines = [r"(?:.*\n)*?" if line == LEFT_OUT else re.escape(line) + "\n" for line in shown.splitlines()]
        assert re.fullmatch("".join(lines), printed), f"`{command}` prints\n{printed}"
        assert code == 0, command


# -- YAML ------------------------------------------------------------------------------------------------------------


def commands(part: object) -> Iterator[str]:
    """Yield the commands of a workflow: of `run` on GitHub, of `script` on GitLab."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in {"run", "script"}:
                yield from [value] if isinstance(value, str) else value
            else:
                yield from commands(value)
    elif isinstance(part, list):
        for value in part:
            yield from commands(value)


WORKFLOWS = [(text, line) for kind, text, line in BLOCKS if kind == "yaml" and any(commands(yaml.safe_load(text)))]


@pytest.mark.parametrize("text", [pytest.param(text, id=f"line-{line}") for text, line in WORKFLOWS])
def test_commands_of_workflows_run(text: str, repo: Repo, tmp_path: Path) -> None:
    """On GitHub and on GitLab: the check finds the reprint, and what comes after it finds the files that it wrote."""
    servers = {
        "GITHUB_BASE_REF": "main",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    }
    document = yaml.safe_load(text)
    lines = [line for line in commands(document) if not line.startswith("pip install")]
    codes = [run(repo, line, **servers)[0] for line in lines]
    assert codes == [1 if line.startswith("newsdedup check") else 0 for line in lines]
    assert 1 in codes
    for name in re.findall(r"(?:sarif_file|junit): (\S+)", text):
        assert (repo.top / name).is_file(), name
    if "cat " in text:
        assert "ND102" in (tmp_path / "summary").read_text(encoding="utf-8")


def test_both_servers_are_shown() -> None:
    """A workflow by hand for each."""
    assert len(WORKFLOWS) == 2


def test_the_action_is_used_as_it_is() -> None:
    """With inputs that exist; every input and output is documented, with its default."""
    action = yaml.safe_load(ROOT.joinpath("action.yml").read_text(encoding="utf-8"))
    used = re.findall(r"- uses: OWNER/newsdedup@main\n {8}with:\n((?: {10}.*\n)+)", DOCS)
    given = [yaml.safe_load(text) for text in used]
    assert given == [{"paths": "seeds/"}]
    tables = {
        name: re.search(rf"^\| {name} \| meaning \|\n(.*?)\n\n", DOCS, re.MULTILINE | re.DOTALL)
        for name in ("input", "output")
    }
    for name, table in tables.items():
        assert table is not None
        told = re.findall(r"`([\w-]+)`", "\n".join(row.split(" | ")[0] for row in table[1].splitlines()[1:]))
        assert sorted(told) == sorted(action[f"{name}s"])
    assert f"by default {action['inputs']['python-version']['default']}." in DOCS
    assert f"by default `{action['inputs']['upload-sarif']['default']}`." in DOCS


def test_workflows_use_the_versions_that_the_action_uses() -> None:
    """One version of an action in all that this project shows."""
    used = set(re.findall(r"uses: (\S+)", DOCS + ROOT.joinpath("action.yml").read_text(encoding="utf-8")))
    names = [name.partition("@")[0] for name in used]
    assert len(names) == len(set(names)) == 4


def test_the_hook_is_the_one_that_there_is() -> None:
    """And its paths come by args."""
    (config,) = [yaml.safe_load(text) for kind, text, _ in BLOCKS if kind == "yaml" and "repos:" in text]
    (hook,) = config["repos"][0]["hooks"]
    (manifest,) = yaml.safe_load(ROOT.joinpath(".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook["id"] == manifest["id"]
    assert hook["args"] == ["seeds/"]
    assert f"`{manifest['entry']}`" in DOCS


# -- settings, rules, limits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", each("toml"))
def test_settings_are_accepted(block: str, tmp_path: Path) -> None:
    """In the file that the first line names, with the very values that are shown."""
    name = re.match(r"# (\S+)\n", block)
    assert name is not None
    (tmp_path / name[1]).write_text(block, encoding="utf-8")
    table = tomllib.loads(block)
    given = table["tool"]["newsdedup"]["check"] if "tool" in table else table["check"]
    assert given
    loaded = json.loads(load_config({}, folder=tmp_path, environ={}).check.model_dump_json(include=set(given)))
    if "baseline" in given:
        assert os.path.realpath(loaded["baseline"]) == os.path.realpath(tmp_path / given["baseline"])
        root = os.path.realpath(tmp_path)
        anchored = {f"{root}/{pattern}": codes for pattern, codes in given["per_path_ignores"].items()}
        given |= {"baseline": loaded["baseline"], "per_path_ignores": anchored}
    assert loaded == given


def test_the_complete_example_is_complete() -> None:
    """Every setting of the check, and none with its default."""
    table = tomllib.loads(next(text for kind, text, _ in BLOCKS if kind == "toml"))["check"]
    default = CheckSettings()
    assert set(table) == set(CheckSettings.model_fields)
    settings = CheckSettings.model_validate(table)
    assert all(getattr(settings, name) != getattr(default, name) for name in CheckSettings.model_fields)


def test_every_setting_is_documented_with_its_flag_and_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Undocumented variables do nothing, and documented ones work."""
    table = DOCS.split("| setting | default | flag | variable |\n", 1)[1].split("\n\n", 1)[0]
    rows = [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in table.splitlines()[1:]]
    assert [row[0] for row in rows] == list(CheckSettings.model_fields)
    isolate(tmp_path, monkeypatch)
    assert main(["check", "--help"]) == 0
    shown = capsys.readouterr().out
    for name, default, flag, variable in rows:
        assert flag in {"", f"--{name.replace('_', '-')}"}
        assert (f"--{name.replace('_', '-')} " in shown) is bool(flag)
        value = {"select": "ND1", "ignore": "ND1", "fail_on": "note", "baseline": "b.json"}.get(name, "1")
        environ = {f"NEWSDEDUP_CHECK_{name.upper()}": value}
        changed = load_config({}, folder=tmp_path, environ=environ).check != CheckSettings()
        assert changed is (variable in environ), name
        if isinstance(each_default := getattr(CheckSettings(), name), int | float):
            assert default.split()[0] == f"{each_default:g}"


def test_every_rule_is_documented() -> None:
    """As `newsdedup check --list-rules` has them."""
    table = DOCS.split("| code | name | severity | meaning |\n|---|---|---|---|\n", 1)[1].split("\n\n", 1)[0]
    assert table.splitlines() == [
        f"| {rule.code} | {rule.name} | {rule.severity.value} | {rule.meaning} |" for rule in RULES
    ]


def test_every_rule_that_is_named_is_there() -> None:
    """By its code or the beginning of one."""
    known = {rule.code[:length] for rule in RULES for length in range(2, 6)}
    assert set(re.findall(r"\bND\d*\b", DOCS)) <= known


def test_limits_are_those_of_the_code() -> None:
    """As far as the code knows them."""
    assert MAX_ANNOTATIONS == 10
    assert "GitHub shows ten annotations of each severity for a step" in DOCS
    assert f"`markdown` stays under {MAX_LENGTH:,}" in DOCS


def test_no_figure_is_left_open() -> None:
    """`@@name@@` stands for a measurement that is still to be filled in."""
    assert re.findall(r"@@\w*@@", DOCS) == []
