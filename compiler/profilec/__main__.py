"""The command `profilec`: where the words of a command line become an exit code."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    import click


# What a shell reports of a program that wrote to a pipe which nobody reads any more.
_BROKEN_PIPE = 141


def main() -> int:
    """Run the command line. Returns the exit code; see "Exit codes" in the README."""
    try:
        import click
    except ImportError:
        sys.stderr.write('profilec needs its compiler: pip install "engine-profiles[compiler]"\n')
        return 2
    from profilec.commands import profilec

    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # Closed by whoever started the command: what is said is not wanted.
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115
    try:
        return int(profilec.main(prog_name="profilec", standalone_mode=False) or 0)
    except click.exceptions.Exit as exit:
        return exit.exit_code
    except click.ClickException as error:
        _tell_misuse(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        sys.stderr.write("interrupted\n")
        return 130
    except SystemExit as exit:
        # So click leaves where the reader, such as `head`, has had enough; and with 0 after a completion script.
        sys.stdout = open(os.devnull, "w") if exit.code else sys.stdout  # noqa: PTH123, SIM115
        return _BROKEN_PIPE if exit.code else 0
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        sys.stderr.write(f"error[environment]: {os.fsdecode(error.filename or 'standard output')}: {reason}\n")
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
        return 3
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in (
            "yaml",
            "jsonschema",
            "orjson",
            "referencing",
            "rich",
            "ruamel",
            "watchfiles",
        ):
            sys.stderr.write(f'profilec needs `{error.name}`: pip install "engine-profiles[compiler]"\n')
            return 2
        return _bug(error)
    except Exception as error:
        return _bug(error)


def _tell_misuse(error: click.ClickException) -> None:
    """Say what is wrong with the command line, and as a document too where it asks for one."""
    error.show()
    words = sys.argv[1:]
    asked = [after for word, after in pairwise(words) if word == "--format"]
    asked += [word.partition("=")[2] for word in words if word.startswith("--format=")]
    if asked:
        from profilec.diagnostics import Diagnostic
        from profilec.rendering.reports import REPORTS, report
        from profilec.rendering.terminal import fit

        if asked[-1] in ("json", *REPORTS):
            fit(sys.stdout, is_document=True)
            sys.stdout.write(report(asked[-1], [Diagnostic("usage", "error", error.format_message())]))


def _bug(error: Exception) -> int:
    """Say where it happened. What the error says may hold a credential, so only PROFILEC_TRACEBACK shows it."""
    import traceback

    if os.environ.get("PROFILEC_TRACEBACK"):
        traceback.print_exc()
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{frame.filename.rpartition('profilec')[2].lstrip('/')}:{frame.lineno}"
    sys.stderr.write(
        f"bug: profilec stumbled over this input ({type(error).__name__} at {place}); nothing was written\n"
        "help: please report it with the input; PROFILEC_TRACEBACK=1 shows more, credentials in the input among it\n"
    )
    return 70


def run() -> NoReturn:
    """The entry point. Leaves without taking apart what is in memory, which for a large build takes a tenth of it."""
    code = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    run()
