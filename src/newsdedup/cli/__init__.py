"""The command line: one module per command, one error handler for all of them.

A command turns its flags into a `Config`, makes one call, renders the result and returns an exit code. It imports the
pipeline inside its function, so that `--help` is fast. To add a command, write its module and add its function to the
loop below.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from newsdedup.cli import check, compare, evaluate, ingest, schema, store
from newsdedup.cli.main import run_command
from newsdedup.cli.options import Quiet, Verbose
from newsdedup.cli.verbosity import Session
from newsdedup.execution import GC_THRESHOLD

app = typer.Typer(
    name="newsdedup",
    help="Find news articles that carry the same report and merge each story into one canonical article.",
    epilog="Exit codes: 0 ok, 1 check failed, 2 usage or input error, 130 interrupted.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _function in (ingest.ingest, check.check, compare.compare, evaluate.evaluate, schema.schema):
    app.command()(_function)
app.add_typer(store.app, name="store")


def _print_version(requested: bool) -> None:
    if requested:
        from importlib.metadata import version  # noqa: PLC0415 - only this flag needs it

        typer.echo(f"newsdedup {version('newsdedup')}")
        raise typer.Exit


@app.callback()
def _read_global_flags(
    context: typer.Context,
    quiet: Quiet = False,
    verbose: Verbose = 0,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    context.ensure_object(Session).add_flags(quiet=quiet, verbose=verbose)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with `argv` (default: `sys.argv[1:]`) and return the exit code. Nothing is raised."""
    session = Session()
    command = typer.main.get_command(app)
    arguments = sys.argv[1:] if argv is None else list(argv)
    return run_command(lambda: command(arguments, prog_name="newsdedup", standalone_mode=False, obj=session), session)


def run() -> None:
    """Entry point of the console script."""
    gc.set_threshold(GC_THRESHOLD, *gc.get_threshold()[1:])
    sys.exit(main())
