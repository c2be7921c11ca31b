"""Lists the formats by their files: a new format is one new file, and no table is edited.

Each file of `readers/formats/` is an input format, and each file of `render/<kind>/` an output format for one kind of
output. The name of the file is the name of the format. Nothing is imported to list them: `--help` and the settings need
the names of the formats, not what the formats import.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from newsdedup.errors import MissingExtraError

Kind = Literal["stories", "comparison", "evaluation", "check", "store"]
"""What can be rendered, by the folder of its formats: stories, or the output of the command of this name."""

# The formats that most people look for come first in help and messages; all others follow by name.
_FIRST = ("text", "json", "jsonl", "github", "sarif")


@dataclass(frozen=True, slots=True)
class Extra:
    """What a format needs beyond the dependencies of the package.

    `name` is the extra in pyproject.toml, `library` the top-level module that it installs. The format imports the
    library inside its functions, so that it can be listed and described without it.
    """

    name: str
    library: str

    def check_installed(self, needed_by: str) -> None:
        """Raise MissingExtraError, which contains the command that installs the extra, if the library is missing."""
        if find_spec(self.library) is None:
            raise MissingExtraError(
                f"{needed_by} needs the library {self.library}; install it with: pip install 'newsdedup[{self.name}]'"
            )


def list_input_formats() -> tuple[str, ...]:
    """Return the names of all input formats."""
    return _list_formats("readers", "formats")


def list_output_formats(kind: Kind) -> tuple[str, ...]:
    """Return the names of the formats for one kind of output."""
    return _list_formats("render", kind)


def _list_formats(*folders: str) -> tuple[str, ...]:
    # pkgutil also finds the files of a package that is imported from a zip archive.
    path = Path(__file__).parent.joinpath(*folders)
    names = sorted(module.name for module in pkgutil.iter_modules([str(path)]))
    return tuple(sorted(names, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST)))
