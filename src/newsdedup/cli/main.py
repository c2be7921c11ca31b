"""The error handler of all commands: an exception becomes one line on stderr and an exit code."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

from newsdedup.cli.output import silence
from newsdedup.cli.verbosity import Session, write_stderr
from newsdedup.errors import NewsdedupError

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130


def run_command(command: Callable[[], object], session: Session) -> int:
    """Call a typer command in non-standalone mode and return its exit code. No exception escapes.

    A closed pipe gives 0: its reader (`| head`) has all it needs.
    """
    streams = sys.stdout, sys.stderr
    try:
        try:
            exit_code = command()
        finally:
            sys.stdout, sys.stderr = streams  # typer replaces them with wrappers when a pipe closes
        if exit_code == EXIT_INTERRUPTED:  # typer has caught the KeyboardInterrupt
            write_stderr("newsdedup: interrupted")
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout, sys.stderr)
        return 0
    except KeyboardInterrupt:
        write_stderr("newsdedup: interrupted")
        return EXIT_INTERRUPTED
    except SystemExit as stop:
        # typer exits like this on a closed pipe, in either mode.
        if isinstance(stop.__context__, BrokenPipeError):
            silence(sys.stdout, sys.stderr)
            return 0
        return stop.code if isinstance(stop.code, int) else EXIT_ERROR
    except Exception as error:
        return _report_error(error, session)
    finally:
        session.close()
    return exit_code if isinstance(exit_code, int) else 0


def _report_error(error: Exception, session: Session) -> int:
    """Write the error to stderr, which may be a closed pipe too."""
    try:
        if session.verbose > 1:
            traceback.print_exception(error)
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error, file=sys.stderr)  # noqa: T201 - the help text has many lines
        else:
            write_stderr(f"newsdedup: error: {_format_error(error)}")
        silence(sys.stdout)  # if its disk is full, Python's final flush would print a second error
    except BrokenPipeError:
        silence(sys.stdout, sys.stderr)
    return EXIT_ERROR


def _format_error(error: Exception) -> str:
    if isinstance(error, NewsdedupError):
        return str(error)
    # An error of typer itself. These have a public base class (TyperException) only since typer 0.28.
    if hasattr(error, "format_message"):
        path = getattr(getattr(error, "ctx", None), "command_path", "newsdedup")
        message = error.format_message().replace("Value error, ", "", 1)  # pydantic's prefix
        return f"{message.rstrip('.')}; see '{path} --help'"
    cause = error.__cause__ if isinstance(error.__cause__, EOFError) else error  # typer makes an Abort of EOFError
    if isinstance(cause, MemoryError):
        return "out of memory; process fewer files at a time or use --workers 1"
    if isinstance(cause, OSError):
        return f"{cause}; run the same command with -vv to see where"
    return (
        f"unexpected {type(cause).__name__}: {cause}; this is a bug in newsdedup: "
        "run the same command with -vv for the traceback and report it"
    )
