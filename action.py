"""The check step of action.yml: reads inputs from the environment, runs `newsdedup check`, writes outputs and summary.

It runs with the Python that newsdedup is installed in, but imports nothing of it: only the command decides.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

REPORT_FILES = {"sarif": "check.sarif", "markdown": "check.md", "json": "check.json"}
COUNT_OUTPUTS = ("new", "errors", "warnings", "notes")


def main(environ: Mapping[str, str]) -> int:
    """Run the check, write the step's outputs and summary, and return the exit code of the check."""
    # A new folder for each run, so that files of an earlier step cannot be mistaken for the results of this one.
    folder = Path(tempfile.mkdtemp(prefix="newsdedup-check-", dir=environ["RUNNER_TEMP"]))
    files = {name: folder / file for name, file in REPORT_FILES.items()}
    try:
        command = [sys.executable, "-I", "-m", "newsdedup", "check", *build_arguments(environ, files)]
    except ValueError as error:
        exit_code = annotate_error(f"cannot parse an input of the action: {error}; close every quotation mark")
    else:
        exit_code = subprocess.run(command, check=False).returncode  # noqa: S603 - words, and no shell
        if exit_code not in {0, 1}:
            annotate_error("newsdedup check failed to run; see the log of this step")
    outputs = {"exit-code": str(exit_code)}
    if exit_code in {0, 1} and all(file.is_file() for file in files.values()):
        report = json.loads(files["json"].read_text(encoding="utf-8"))
        outputs |= {"failed": str(report["failed"]).lower()}
        outputs |= {name: str(report["summary"][name]) for name in COUNT_OUTPUTS}
        outputs |= {name: str(file) for name, file in files.items()}
        append_text(environ["GITHUB_STEP_SUMMARY"], files["markdown"].read_text(encoding="utf-8"))
    append_text(environ["GITHUB_OUTPUT"], "".join(f"{name}={value}\n" for name, value in outputs.items()))
    return exit_code


def build_arguments(environ: Mapping[str, str], files: Mapping[str, Path]) -> Sequence[str]:
    """Return the arguments of the check. Raises ValueError for an unclosed quotation."""

    def split_input(name: str) -> list[str]:
        # shlex keeps an escaped line end in the word, while a shell removes it.
        return shlex.split(environ.get(name, "").replace("\\\n", " "))

    options = [f"--also={name}={file}" for name, file in files.items()]
    options += [f"--against={path}" for path in split_input("CHECK_AGAINST")]
    options += [
        f"--{name.lower().replace('_', '-')}={value}"
        for name in ("SINCE", "FAIL_ON", "BASELINE")
        if (value := environ.get(f"CHECK_{name}", "").strip())
    ]
    # --format comes last, so that `args` cannot replace it: annotations need it. After `--` no path can be an option.
    return [*options, *split_input("CHECK_ARGS"), "--format=github", "--", *split_input("CHECK_PATHS")]


def annotate_error(problem: str) -> int:
    """Annotate the job with an error, and return the exit code for it."""
    print(f"::error title=newsdedup check::{problem}", flush=True)  # noqa: T201 - to the runner
    return 2


def append_text(path: str, text: str) -> None:
    """Append text to one of the files that GitHub reads after the step."""
    with open(path, "a", encoding="utf-8", newline="\n") as file:  # noqa: PTH123
        file.write(text)


if __name__ == "__main__":
    sys.exit(main(os.environ))
