"""The one error handler: what went wrong -> one line on stderr and an exit code."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

from newsdedup.cli.output import silence
from newsdedup.cli.verbosity import Session, complain
from newsdedup.errors import NewsdedupError

FAILED = 2
INTERRUPTED = 130


def call(command: Callable[[], object], session: Session) -> int:
    """Call a typer command in non-standalone mode and return the exit code; no exception leaves.

    A closed pipe is 0: whoever reads (`| head`) has what they wanted.
    """
    streams = sys.stdout, sys.stderr
    try:
        try:
            code = command()
        finally:
            sys.stdout, sys.stderr = streams  # typer puts wrappers in their place when a pipe closes
        if code == INTERRUPTED:  # typer has caught the KeyboardInterrupt
            complain("newsdedup: interrupted")
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout, sys.stderr)
        return 0
    except KeyboardInterrupt:
        complain("newsdedup: interrupted")
        return INTERRUPTED
    except SystemExit as stop:
        # How typer leaves on a closed pipe, whatever its mode.
        if isinstance(stop.__context__, BrokenPipeError):
            silence(sys.stdout, sys.stderr)
            return 0
        return stop.code if isinstance(stop.code, int) else FAILED
    except Exception as error:
        return _failed(error, session)
    finally:
        session.close()
    return code if isinstance(code, int) else 0


def _failed(error: Exception, session: Session) -> int:
    """Say what went wrong; even saying it may meet a closed pipe."""
    try:
        if session.verbose > 1:
            traceback.print_exception(error)
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error, file=sys.stderr)  # noqa: T201 - the help, which has many lines
        else:
            complain(f"newsdedup: error: {_line(error)}")
        silence(sys.stdout)  # where it is full, Python's last flush would complain once more
    except BrokenPipeError:
        silence(sys.stdout, sys.stderr)
    return FAILED


def _line(error: Exception) -> str:
    if isinstance(error, NewsdedupError):
        return str(error)
    # typer's own errors. They share a public root (TyperException) only since typer 0.28.
    if hasattr(error, "format_message"):
        path = getattr(getattr(error, "ctx", None), "command_path", "newsdedup")
        return f"{error.format_message().rstrip('.')}; see '{path} --help'"
    cause = error.__cause__ if isinstance(error.__cause__, EOFError) else error  # typer makes an Abort of EOFError
    if isinstance(cause, MemoryError):
        return "out of memory; give it fewer files at a time, or --workers 1"
    if isinstance(cause, OSError):
        return f"{cause}; run the same command with -vv to see where"
    return (
        f"unexpected {type(cause).__name__}: {cause}; this is a bug in newsdedup: "
        "run the same command with -vv for the traceback and report it"
    )
