"""The step of action.yml that checks: inputs from the environment, one run of `newsdedup check`, outputs and summary.

It runs with the Python that newsdedup is installed in, and imports nothing of it, so that what decides is the command.
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

FILES = {"sarif": "check.sarif", "markdown": "check.md", "json": "check.json"}
COUNTS = ("new", "errors", "warnings", "notes")


def main(environ: Mapping[str, str]) -> int:
    """Check, write what GitHub is told, and return the exit code of the check."""
    # A folder of its own for each run: nothing that an earlier step left can be taken for the result of this one.
    folder = Path(tempfile.mkdtemp(prefix="newsdedup-check-", dir=environ["RUNNER_TEMP"]))
    files = {name: folder / file for name, file in FILES.items()}
    try:
        command = [sys.executable, "-I", "-m", "newsdedup", "check", *arguments(environ, files)]
    except ValueError as error:
        code = complain(f"an input of the action cannot be read: {error}; close every quotation mark")
    else:
        code = subprocess.run(command, check=False).returncode  # noqa: S603 - words, and no shell
        if code not in {0, 1}:
            complain("newsdedup check could not run; the log of this step says why")
    outputs = {"exit-code": str(code)}
    if code in {0, 1} and all(file.is_file() for file in files.values()):
        report = json.loads(files["json"].read_text(encoding="utf-8"))
        outputs |= {"failed": str(report["failed"]).lower()}
        outputs |= {name: str(report["summary"][name]) for name in COUNTS}
        outputs |= {name: str(file) for name, file in files.items()}
        append(environ["GITHUB_STEP_SUMMARY"], files["markdown"].read_text(encoding="utf-8"))
    append(environ["GITHUB_OUTPUT"], "".join(f"{name}={value}\n" for name, value in outputs.items()))
    return code


def arguments(environ: Mapping[str, str], files: Mapping[str, Path]) -> Sequence[str]:
    """Return the arguments of the check. Raises ValueError for a quotation that is not closed."""

    def words(name: str) -> list[str]:
        # shlex leaves a line end that a backslash hides in the word; a shell takes both away.
        return shlex.split(environ.get(name, "").replace("\\\n", " "))

    options = [f"--also={name}={file}" for name, file in files.items()]
    options += [f"--against={path}" for path in words("CHECK_AGAINST")]
    options += [
        f"--{name.lower().replace('_', '-')}={value}"
        for name in ("SINCE", "FAIL_ON", "BASELINE")
        if (value := environ.get(f"CHECK_{name}", "").strip())
    ]
    # Last is --format: were it another, nothing would be annotated. Behind `--` no path can be an option.
    return [*options, *words("CHECK_ARGS"), "--format=github", "--", *words("CHECK_PATHS")]


def complain(problem: str) -> int:
    """Annotate the job with what went wrong, and return the exit code for it."""
    print(f"::error title=newsdedup check::{problem}", flush=True)  # noqa: T201 - to the runner
    return 2


def append(path: str, text: str) -> None:
    """Add to one of the files that GitHub reads after the step."""
    with open(path, "a", encoding="utf-8", newline="\n") as file:  # noqa: PTH123
        file.write(text)


if __name__ == "__main__":
    sys.exit(main(os.environ))
