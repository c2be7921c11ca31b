"""The GitHub action: the `run` steps of action.yml as a runner runs them, in a scratch repository.

Of the runner these tests have the files and variables that it gives, the expressions that the steps use, and its shell.
Only the Python of setup-python is a stand-in: it installs nothing, and runs the newsdedup under test.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from gate_files import AGENCY, CLOSURE, REPRINT, WIND
from git_repositories import Repo
from scratch import ROOT, branch, isolate

ACTION: dict[str, Any] = yaml.safe_load(ROOT.joinpath("action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
SCRIPTS = [step for step in STEPS if "run" in step]
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")

STAND_IN = """#!/bin/sh
case "$*" in
  "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
  "-m pip "*) printf '%s\\n' "$@" > "$RUNNER_TEMP/pip" ;;
  *) exec {python} "$@" ;;
esac
"""


@dataclass
class Job:
    """What a runner holds of a job, and what came of the action in it."""

    workspace: Path
    temp: Path
    code: int = 0
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """Return what the page of the run shows."""
        return (self.temp / "summary").read_text(encoding="utf-8")

    def use(self, **inputs: str) -> Job:
        """Run the action with these inputs (`fail_on` for fail-on), the others as action.yml has them."""
        context = {"steps.python.outputs.python-path": str(self.temp / "python with space")}
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        for name, each in ACTION["inputs"].items():
            default = each.get("default", "")
            context[f"inputs.{name}"] = given.pop(name, "" if EXPRESSION.search(default) else default)
        assert not given
        for step in SCRIPTS:
            self._run(step, context)
            if self.code:
                break
        self.outputs = {
            name: EXPRESSION.sub(lambda found: context.get(found[1], ""), each["value"])
            for name, each in ACTION["outputs"].items()
        }
        return self

    def _run(self, step: dict[str, Any], context: dict[str, str]) -> None:
        output, script = self.temp / "output", self.temp / "script.sh"
        output.write_text("", encoding="utf-8")
        script.write_text(step["run"], encoding="utf-8")
        files = {"GITHUB_OUTPUT": output, "GITHUB_STEP_SUMMARY": self.temp / "summary", "RUNNER_TEMP": self.temp}
        places = {"GITHUB_ACTION_PATH": ROOT, "GITHUB_WORKSPACE": self.workspace}
        env = {name: EXPRESSION.sub(lambda found: context[found[1]], value) for name, value in step["env"].items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.workspace,
            env={
                **os.environ,
                **{name: str(path) for name, path in (files | places).items()},
                "GITHUB_ACTIONS": "true",
                "CI": "true",
                "RUNNER_OS": "Linux",
                **env,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
        self.code, self.log = done.returncode, self.log + done.stdout
        for line in output.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            context[f"steps.{step['id']}.outputs.{name}"] = value


@pytest.fixture
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the runner's folder for temporary files, with the stand-in in it."""
    isolate(tmp_path, monkeypatch)
    folder = tmp_path / "runner temp"
    folder.mkdir()
    stand_in = folder / "python with space"
    stand_in.write_text(STAND_IN.replace("{python}", shlex.quote(sys.executable)), encoding="utf-8")
    stand_in.chmod(0o755)
    (folder / "summary").write_text("what an earlier step wrote\n", encoding="utf-8")
    return folder


def job(temp: Path, new: dict[str, str], known: dict[str, str] | None = None) -> Job:
    """Return a job on a branch that adds these files to those on origin/main."""
    repo: Repo = branch(temp.parent / "work space", known=known or {"seeds/agency.txt": AGENCY}, new=new)
    return Job(repo.top, temp)


def test_nothing_wrong_passes(temp: Path) -> None:
    """With the verdict in the summary and the counts in the outputs."""
    done = job(temp, {"seeds/closure.txt": CLOSURE}).use(paths="seeds/", since="origin/main")
    assert done.code == 0, done.log
    assert {name: done.outputs[name] for name in ("failed", "exit-code", "new", "errors", "warnings", "notes")} == {
        "failed": "false", "exit-code": "0", "new": "1", "errors": "0", "warnings": "0", "notes": "0",
    }  # fmt: skip
    assert "newsdedup check: no findings; 1 new article checked against 1 known." in done.summary
    assert done.summary.startswith("what an earlier step wrote\n")


def test_a_branch_without_new_articles_passes(temp: Path) -> None:
    """Most branches of most repositories are such."""
    done = job(temp, {"notes.md": "# Notes\n"}).use(paths="seeds/", since="origin/main")
    assert (done.code, done.outputs["failed"], done.outputs["new"]) == (0, "false", "0"), done.log
    assert Path(done.outputs["sarif"]).is_file(), "an empty upload closes the alerts of the one before"


def test_a_reprint_fails(temp: Path) -> None:
    """With an annotation, the files to upload, and the summary."""
    done = job(temp, {"seeds/reprint.txt": REPRINT}).use(paths="seeds/", since="origin/main")
    assert done.code == 1, done.log
    assert "::error file=seeds/reprint.txt,line=8," in done.log
    assert "## newsdedup check: failed" in done.summary
    assert (done.outputs["failed"], done.outputs["exit-code"], done.outputs["errors"]) == ("true", "1", "1")
    sarif = json.loads(Path(done.outputs["sarif"]).read_text(encoding="utf-8"))
    assert [each["ruleId"] for each in sarif["runs"][0]["results"]] == ["ND102"]
    assert json.loads(Path(done.outputs["json"]).read_text(encoding="utf-8"))["failed"] is True
    assert Path(done.outputs["markdown"]).read_text(encoding="utf-8") in done.summary


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"paths": "seeds/", "fail_on": "fatal"}, "fatal"),
        ({"paths": "seeds/", "baseline": "none.json"}, "none.json"),
        ({"paths": "seeds/", "since": "origin/nowhere"}, "origin/nowhere"),
        ({"paths": "seeds/", "since": "--output=/dev/null"}, "is not a valid commit"),
        ({"paths": "seeds/", "args": "--ignore=XY1"}, "XY1"),
        ({"paths": "seeds/ nowhere/"}, "nowhere/"),
        ({"paths": "--exit-zero"}, "--exit-zero"),
        ({"paths": ""}, "check needs PATHS"),
        ({"paths": "'seeds/"}, "close every quotation mark"),
    ],
)
def test_what_cannot_run_fails_and_leaves_no_result_of_another_run(
    temp: Path, inputs: dict[str, str], says: str
) -> None:
    """The step is red, says why, and has no file that the step after it could upload."""
    done = job(temp, {"seeds/reprint.txt": REPRINT})
    done.use(paths="seeds/", since="origin/main")
    before, done.log = done.summary, ""
    done.use(**inputs)
    assert done.code == 2
    assert says in done.log
    assert "::error title=newsdedup check::" in done.log
    assert done.outputs == dict.fromkeys(ACTION["outputs"], "") | {"exit-code": "2"}
    assert done.summary == before


@pytest.mark.parametrize(
    "paths",
    [
        "seeds 'my articles/b.txt'",
        'seeds "my articles"',
        "seeds\n'my articles/*.txt'\n",
        "'my articles' \\\n seeds/a.txt",
    ],
)
def test_paths_are_words_as_in_a_shell(temp: Path, paths: str) -> None:
    """Spaces and line ends part them, quotes keep a space; globs are newsdedup's own."""
    done = job(temp, {"seeds/a.txt": CLOSURE, "my articles/b.txt": WIND}, {"notes.md": "# Notes\n"})
    done.use(paths=paths, since="origin/main")
    assert (done.code, done.outputs["new"]) == (0, "2"), done.log


@pytest.mark.parametrize("name", ["paths", "since", "against", "fail_on", "baseline", "args"])
def test_no_input_is_a_command(temp: Path, name: str) -> None:
    """Whatever a pull request manages to put into one."""
    done = job(temp, {"seeds/a.txt": CLOSURE})
    for hostile in ("$(touch pwned) `touch pwned`; touch pwned\ntouch pwned\n", '"; touch pwned; "'):
        done.use(**{"paths": "seeds/", name: hostile})
        assert done.code == 2, done.log
    assert not (done.workspace / "pwned").exists()


def test_no_expression_stands_in_a_script() -> None:
    """It would be replaced before the shell reads it, quotes or not."""
    assert len(SCRIPTS) == 2
    assert not any(EXPRESSION.search(step["run"]) for step in SCRIPTS)


def test_nothing_of_the_workspace_is_imported(temp: Path) -> None:
    """A pull request may bring any file, also one that has the name of a module."""
    evil = "raise SystemExit('imported from the workspace')\n"
    modules = {f"{name}.py": evil for name in ("json", "newsdedup", "numpy", "sitecustomize", "shlex")}
    done = job(temp, {"seeds/closure.txt": CLOSURE, **modules}).use(paths="seeds/", since="origin/main")
    assert done.code == 0, done.log


def test_without_since_all_is_new(temp: Path) -> None:
    """As on a push, where there is no base."""
    done = job(temp, {"seeds/reprint.txt": REPRINT}).use(paths="seeds/")
    assert (done.code, done.outputs["new"], done.outputs["errors"]) == (1, "2", "1"), done.log


def test_known_articles_are_named_in_against(temp: Path) -> None:
    """Several, as in paths, and with no git behind it."""
    done = job(temp, {"new/reprint.txt": REPRINT, "my known/wind.txt": WIND})
    done.use(paths="new", against="seeds 'my known'")
    assert (done.code, done.outputs["new"], done.outputs["errors"]) == (1, "1", "1"), done.log
    assert "against 2 known" in done.log


def test_severity_and_further_options_reach_the_check(temp: Path) -> None:
    """A warning fails where the user wants it, and is gone where it is ignored."""
    done = job(temp, {"seeds/later.txt": f"Title: Bridge shut\nSection: Local\n\n{CLOSURE}"})
    assert done.use(paths="seeds/", since="origin/main").code == 0, done.log
    assert done.outputs["warnings"] == "1"
    assert done.use(paths="seeds/", since="origin/main", fail_on="warning").code == 1
    done.use(paths="seeds/", since="origin/main", fail_on="warning", args="--ignore 'ND011, ND013'")
    assert (done.code, done.outputs["warnings"]) == (0, "0")
    done.use(paths="seeds/", since="origin/main", fail_on="warning", args="--exit-zero")
    assert (done.code, done.outputs["failed"]) == (0, "true")


def test_a_baseline_is_held_against(temp: Path) -> None:
    """The one that is named wins over the settings."""
    done = job(temp, {"seeds/reprint.txt": REPRINT})
    write = "newsdedup check seeds/ --baseline accepted.json --update-baseline --quiet"
    subprocess.run(shlex.split(write), cwd=done.workspace, check=True)
    done.use(paths="seeds/", since="origin/main", baseline="accepted.json")
    assert (done.code, done.outputs["failed"]) == (0, "false"), done.log
    assert "1 in the baseline" in done.log


def test_what_is_installed_is_the_action_itself(temp: Path) -> None:
    """The very commit that the workflow names, not the newest release."""
    done = job(temp, {"seeds/closure.txt": CLOSURE}).use(paths="seeds/")
    assert (done.temp / "pip").read_text(encoding="utf-8").splitlines()[-1] == str(ROOT)


def test_findings_are_uploaded_when_the_check_failed() -> None:
    """That is when they matter; not for forks, which have no permission, and never against the user's will."""
    upload = STEPS[-1]
    assert upload["with"] == {"sarif_file": "${{ steps.check.outputs.sarif }}"}
    assert upload["continue-on-error"] is True
    conditions = EXPRESSION.fullmatch(upload["if"])
    assert conditions is not None
    assert conditions[1].split(" && ") == [
        "!cancelled()",
        "inputs.upload-sarif == 'true'",
        "steps.check.outputs.sarif != ''",
        "(!github.event.pull_request || github.event.pull_request.head.repo.full_name == github.repository)",
    ]


def test_new_files_are_by_default_those_since_the_base_of_the_pull_request() -> None:
    """Or that of a merge group; elsewhere both are empty."""
    assert ACTION["inputs"]["since"]["default"] == (
        "${{ github.event.merge_group.base_sha || github.base_ref && format('origin/{0}', github.base_ref) }}"
    )


def test_other_actions_are_named_by_their_major_version() -> None:
    """So that they get their repairs, and no change that breaks this one."""
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert len(used) == 2
    assert all(re.fullmatch(r"(?:actions/setup-python|github/codeql-action/upload-sarif)@v\d+", name) for name in used)


def test_every_input_is_used_and_every_output_is_written(temp: Path) -> None:
    """An input that nothing reads would be a promise."""
    used = set(re.findall(r"inputs\.([\w-]+)", yaml.safe_dump(ACTION["runs"])))
    assert used == set(ACTION["inputs"])
    done = job(temp, {"seeds/closure.txt": CLOSURE}).use(paths="seeds/")
    assert all(done.outputs.values())
