"""What holds for one run of the command line: how much to say on stderr."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import dataclass, field

_log = logging.getLogger("newsdedup")


@dataclass
class Session:
    """Verbosity, gathered from the flags before and after the command's name; the one value here that changes."""

    quiet: bool = False
    verbose: int = 0
    _handler: logging.Handler = field(init=False)

    def __post_init__(self) -> None:
        self._handler = _Stderr()

    def adopt(self, *, quiet: bool, verbose: int) -> None:
        """Take the flags of one level in addition to those already taken."""
        self.quiet = self.quiet or quiet
        self.verbose += verbose
        if self.verbose:
            _log.addHandler(self._handler)
            _log.setLevel(logging.DEBUG if self.verbose > 1 else logging.INFO)

    def close(self) -> None:
        """Leave the logger as it was found."""
        _log.removeHandler(self._handler)
        _log.setLevel(logging.NOTSET)

    def note(self, line: str) -> None:
        """Write one line to stderr, unless quiet."""
        if not self.quiet:
            complain(line)

    @property
    def shows_progress(self) -> bool:
        """Whether progress bars make sense: stderr is a terminal, nobody asked for quiet, and this is no CI job."""
        return not self.quiet and not os.environ.get("CI") and sys.stderr is not None and sys.stderr.isatty()


class _Stderr(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        complain(f"{record.name}: {self.format(record)}")


def complain(line: str) -> None:
    """Write one line to stderr, whatever the verbosity; names of files and texts in it cannot command the terminal."""
    from newsdedup.render.sanitise import plain  # noqa: PLC0415 - `--help` need not load the models

    if sys.stderr is None:  # closed by the caller; print would fall back on stdout
        return
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    shown = plain(line).encode(encoding, "backslashreplace").decode(encoding)
    print(shown, file=sys.stderr, flush=True)  # noqa: T201 - the one place that does
