"""The state of one run of the command line: its flags, and how much it writes to stderr."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import dataclass, field
from typing import Any

_log = logging.getLogger("newsdedup")


class _StderrHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        write_stderr(f"{record.name}: {self.format(record)}")


@dataclass
class Session:
    """What the flags before and after the command's name say. The only mutable value of the CLI.

    `settings` are the values of the command's flags for a field of `Config`, None for a flag that was not given.
    """

    quiet: bool = False
    verbose: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    _handler: logging.Handler = field(init=False, default_factory=_StderrHandler)

    def add_flags(self, *, quiet: bool, verbose: int) -> None:
        """Add the flags of one level, the application or the command."""
        self.quiet = self.quiet or quiet
        self.verbose += verbose
        if self.verbose:
            _log.addHandler(self._handler)
            _log.setLevel(logging.DEBUG if self.verbose > 1 else logging.INFO)

    def close(self) -> None:
        """Restore the logger."""
        _log.removeHandler(self._handler)
        _log.setLevel(logging.NOTSET)

    def print_note(self, line: str) -> None:
        """Write one line to stderr, unless quiet."""
        if not self.quiet:
            write_stderr(line)

    @property
    def shows_progress(self) -> bool:
        """Whether to show progress bars: stderr is a terminal, the session is not quiet, and this is not a CI job."""
        return not self.quiet and not os.environ.get("CI") and sys.stderr is not None and sys.stderr.isatty()


def write_stderr(line: str) -> None:
    """Write one line to stderr at any verbosity, without control characters from file names or article texts."""
    from newsdedup.render.sanitise import sanitise_text  # noqa: PLC0415 - `--help` need not load the models

    if sys.stderr is None:  # closed by the caller; print would fall back to stdout
        return
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    printable = sanitise_text(line).encode(encoding, "backslashreplace").decode(encoding)
    print(printable, file=sys.stderr, flush=True)  # noqa: T201 - the one place that does
