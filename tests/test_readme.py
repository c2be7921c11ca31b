"""The documents are true: what they show runs and prints just that, what they link to is there.

In a `console` block a line `[...]` stands for any lines left out; everything else is compared to the letter, standard
output and standard error together as a terminal shows them. Blocks run in a folder of their own that holds a copy of
`seeds/`, `tests/data/` and the Makefile. Lines that would install something are not run: their make targets are looked
up instead.
"""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from newsdedup import dedupe, load
from newsdedup.config import Config, load_config
from newsdedup.idf import load_idf_table
from newsdedup.score import SIGNAL_MEANINGS, SIGNAL_NAMES

ROOT = Path(__file__).parent.parent
DOCS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.joinpath("docs").glob("*.md"), *ROOT.joinpath("seeds").glob("*.md"))
    if path.is_file()
)
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")
CONTRIBUTING = ROOT.joinpath("CONTRIBUTING.md").read_text(encoding="utf-8")
LEFT_OUT = "[...]"
INSTALLS = re.compile(r"^\s*(?:make|pip|python3? -m (?:pip|venv)|git clone)\b", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what it holds, the block right after it, and where it stands."""

    language: str
    text: str
    line: int
    output: str | None

    def __str__(self) -> str:
        return f"{self.language}-line-{self.line}"


def blocks(document: str) -> list[Block]:
    """Return the fenced blocks of a document; a `text` block after another one is its output."""
    fence = re.compile(r"^```(\w*)\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
    return [
        Block(found[1], found[2], document.count("\n", 0, found.start()) + 1, found[3])
        for found in fence.finditer(document)
    ]


BLOCKS = blocks(README)
KINDS = {kind: [block for block in BLOCKS if block.language == kind] for kind in ("sh", "console", "python", "toml")}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of what the README speaks of, with newsdedup on the path and no settings but the defaults."""
    for name in ("seeds", "tests/data"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in [name for name in os.environ if name.startswith("NEWSDEDUP_") or name in {"COLUMNS", "NO_COLOR", "CI"}]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONUTF8", "1")
    return tmp_path


def run(command: str, folder: Path) -> str:
    """Run a line of shell in `folder` and return what it prints on both streams; it must not fail."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, f"{command}\nends with {done.returncode}:\n{done.stdout}"
    return done.stdout


def need_jq(command: str) -> None:
    """Skip where the block needs jq and the machine has none."""
    if re.search(r"\bjq\b", command) and shutil.which("jq") is None:
        pytest.skip("jq is not installed")


def matches(shown: str, printed: str) -> bool:
    """Tell whether `printed` is what is shown, line for line, but for the lines left out."""
    parts = [r"(?:.*\n)*?" if line == LEFT_OUT else re.escape(line.rstrip()) + "\n" for line in shown.splitlines()]
    return re.fullmatch("".join(parts), "".join(f"{line.rstrip()}\n" for line in printed.splitlines())) is not None


# -- the README's blocks --------------------------------------------------------------------------------------------


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    """Else it could say anything."""
    assert {block.language for block in BLOCKS} == set(KINDS)
    assert all(KINDS.values())


@pytest.mark.parametrize("block", KINDS["sh"], ids=str)
def test_shell_blocks_run(block: Block, folder: Path) -> None:
    """Lines that install are checked by `test_make_targets_exist`."""
    commands = "\n".join(line for line in block.text.splitlines() if not INSTALLS.match(line))
    need_jq(commands)
    run(commands, folder)


@pytest.mark.parametrize("block", KINDS["console"], ids=str)
def test_sessions_print_what_is_shown(block: Block, folder: Path) -> None:
    """Each `$ ` line is run, and the lines up to the next one are what it prints."""
    need_jq(block.text)
    steps = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE)
    assert "".join(f"$ {command}\n{shown}" for command, shown in steps) == block.text
    for command, shown in steps:
        printed = run(command, folder)
        assert matches(shown, printed), f"README.md:{block.line} differs; `{command}` prints\n{printed}"


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\n[...]\nc\n", "a\nb\nb\nc\n", True),
        ("a\n[...]\nc\n", "a\nc\n", True),
        ("[...]\nc\n", "a\nc\nd\n", False),
        ("a\n", "a\nb\n", False),
        ("a.\n", "ab\n", False),
        ("a\n[...]\n", "b\n", False),
    ],
)
def test_only_marked_lines_may_be_left_out(shown: str, printed: str, same: bool) -> None:
    """The comparison itself can fail."""
    assert matches(shown, printed) is same


@pytest.mark.parametrize("block", KINDS["python"], ids=str)
def test_python_blocks_print_what_is_shown(block: Block, folder: Path) -> None:
    """Warnings are errors; the `text` block after it is its output."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block.text],
        cwd=folder,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == block.output


@pytest.mark.parametrize("block", KINDS["toml"], ids=str)
def test_settings_blocks_are_accepted(block: Block, tmp_path: Path) -> None:
    """As `newsdedup.toml`, with the very values that are shown."""
    (tmp_path / "newsdedup.toml").write_text(block.text, encoding="utf-8")
    given = tomllib.loads(block.text)
    assert load_config({}, folder=tmp_path, environ={}).model_dump(include=set(given)) == given != {}


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("document", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_make_targets_exist(document: str, folder: Path) -> None:
    """Every `make target` that is named, in a block or in a sentence, is in the Makefile; `make demo` runs on seeds."""
    targets = set(re.findall(r"(?:^|`)make (?:[A-Z]+=\S+ )?([a-z]+(?:-[a-z]+)*)", document, re.MULTILINE))
    assert "test" in targets
    run(f"make --dry-run --always-make {' '.join(sorted(targets))} > plan", folder)
    plan = (folder / "plan").read_text(encoding="utf-8")
    assert "-m pytest" in plan
    assert ("newsdedup ingest seeds/" in plan) is ("demo" in targets)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(("target", "left_out"), [("test", True), ("test-all", False), ("check", False)])
def test_only_make_test_leaves_out_slow_tests_and_says_so(target: str, left_out: bool, folder: Path) -> None:
    """A test that nothing runs, or that is left out without a word, is none."""
    plan = run(f"make --dry-run --always-make {target}", folder)
    assert plan.count("-m pytest") == 1
    assert ("-m 'not slow'" in plan) is ("The slow tests are left to `make test-all`." in plan) is left_out


# -- what the README says -------------------------------------------------------------------------------------------


def test_the_readme_opens_with_make_demo_and_make_test() -> None:
    """After one sentence; it is what a newcomer types first."""
    first = BLOCKS[0]
    assert [line.split("#")[0].strip() for line in first.text.splitlines()] == ["make demo", "make test"]
    assert first.line == 5


def test_the_readme_is_of_readable_length() -> None:
    """STYLE: 120 to 180 lines."""
    assert 120 <= len(README.splitlines()) <= 180


def test_the_help_is_shown_in_full() -> None:
    """So that `test_sessions_print_what_is_shown` compares all of it."""
    assert any(block.text.startswith("$ newsdedup --help\n") and LEFT_OUT not in block.text for block in BLOCKS)


def test_every_setting_is_named() -> None:
    """In the paragraph on settings."""
    paragraph = next(line for line in README.splitlines() if line.startswith("**Settings.**"))
    assert set(Config.model_fields) <= set(re.findall(r"`(\w+)`", paragraph))


def section(title: str) -> str:
    """Return the README's section of that title."""
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_every_figure_names_its_command() -> None:
    """And the section says whose labels they are, and what is in sample."""
    figures = section("How good it is")
    rows = [line.strip("| ").split(" | ") for line in figures.splitlines() if line.startswith("| ")]
    assert rows[0][-1] == "command"
    assert len(rows) >= 4
    for row in rows[1:]:
        command = row[-1].strip("`")
        assert row[-1] == f"`{command}`", row
        assert command.split()[0] in {"make", "newsdedup", "python"}, row
        assert all(ROOT.joinpath(path).exists() for path in re.findall(r"benchmarks/\S+", command)), row
    assert "labelled by a language model, not by people" in figures
    assert "in sample" in figures


def test_no_figure_is_left_open() -> None:
    """`@@name@@` stands for a measurement that is still to be filled in."""
    assert re.findall(r"@@\w*@@", README) == []


# -- the other documents --------------------------------------------------------------------------------------------


def anchors(document: str) -> set[str]:
    """Return the anchors of a document's headings, as they are made of their words."""
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", document, flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    """To a file of the project, and to a heading in it where one is named."""
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        assert there.exists(), f"{path.name}: {target}"
        assert there.is_relative_to(ROOT), f"{path.name}: {target} leaves the project"
        assert not anchor or anchor in anchors(there.read_text(encoding="utf-8")), f"{path.name}: {target}"


def test_every_dependency_is_argued() -> None:
    """docs/dependencies.md has each requirement of pyproject.toml, with its kind, and no other."""
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {"core": project["dependencies"], **project["optional-dependencies"]}
    table = ROOT.joinpath("docs", "dependencies.md").read_text(encoding="utf-8").split("\n## ", 1)[0]
    rows = re.findall(r"^\| `([\w-]+)` \| (\w+) \| \S.* \| \S.* \|$", table, re.MULTILINE)
    names = {(re.split(r"[^\w-]", each, maxsplit=1)[0], kind) for kind, found in wanted.items() for each in found}
    assert sorted(rows) == sorted(names)


MATCHING = ROOT.joinpath("docs", "matching.md").read_text(encoding="utf-8")


def test_every_signal_is_described_as_compare_describes_it() -> None:
    """docs/matching.md lists the signals in their order."""
    table = MATCHING.split("| signal |", 1)[1].split("\n\n", 1)[0]
    assert re.findall(r"^\| `(\w+)` \| (.+) \|$", table, re.MULTILINE) == [
        (name, SIGNAL_MEANINGS[name]) for name in SIGNAL_NAMES
    ]


CONSTANTS = re.findall(r"`([a-z_.]+)\.([A-Z_]+)` = ([\d.]*\d)", MATCHING)


@pytest.mark.parametrize(("module", "name", "value"), CONSTANTS)
def test_constants_have_the_values_told(module: str, name: str, value: str) -> None:
    """`module.NAME` = value, as docs/matching.md writes it."""
    assert len(CONSTANTS) >= 15
    assert getattr(importlib.import_module(f"newsdedup.{module}"), name) == float(value)


def test_the_size_of_the_background_is_told() -> None:
    """As `benchmarks/idf.py` counted it."""
    assert f"{load_idf_table().articles:,} news articles" in MATCHING


def test_seeds_come_out_as_their_readme_says() -> None:
    """The stories of several variants, each with its base and the relation of the others to it."""
    told = ROOT.joinpath("seeds", "README.md").read_text(encoding="utf-8")
    table = told.split("| story | base | other articles |", 1)[1].split("\n\n", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if "`" in line]
    wanted = {row[1].strip("`"): dict(re.findall(r"`(\S+)` (\w+)", row[2])) for row in rows}
    result = dedupe(load([str(ROOT / "seeds")]), Config(workers=1))
    got = {}
    for story in result.stories:
        ids = [variant.article_id.removeprefix(f"{(ROOT / 'seeds').as_posix()}/") for variant in story.variants]
        if len(ids) > 1:
            got[ids[0]] = {
                name: variant.relation.value for name, variant in zip(ids[1:], story.variants[1:], strict=True)
            }
    assert got == wanted
    counts = re.search(r"(\d+) articles in (\d+) files make (\d+) stories: (\d+) with .* and (\d+) of one", told)
    assert counts is not None
    files = len([path for path in (ROOT / "seeds").iterdir() if path.suffix != ".md" and not path.name.startswith(".")])
    summary = result.summary
    assert [int(each) for each in counts.groups()] == [
        summary.articles, files, summary.stories, summary.merged_stories, summary.lone,
    ]  # fmt: skip
