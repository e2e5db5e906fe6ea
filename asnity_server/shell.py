"""Shell behaviour of both commands: streams that are closed, full or of another encoding, and unknown commands."""

from __future__ import annotations

import difflib
import errno
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, TextIO, TypeVar, cast

import click

from .options import SettingOption

F = TypeVar("F", bound=Callable[..., object])

CONTEXT = {"max_content_width": 120, "help_option_names": ["-h", "--help"]}
"""How both commands show their help."""

INTERRUPTED = 130
"""The exit code after ctrl+c, as shells have it."""


def completion(program: str) -> tuple[str, ...]:
    """The lines that let shells complete a program's commands and options with Tab: bash, zsh, fish."""
    variable = f"_{program.upper().replace('-', '_')}_COMPLETE"
    return (
        f'eval "$({variable}=bash_source {program})"    # in ~/.bashrc',
        f'eval "$({variable}=zsh_source {program})"     # in ~/.zshrc',
        f"{variable}=fish_source {program} | source    # in ~/.config/fish/config.fish",
    )


def settings_file(default: Callable[[], Path]) -> str:
    """The path of the settings file as people write it."""
    try:
        path = str(default())
    except Exception as error:  # without a home there is none; the sentence says what to set
        return f"the one that --config names ({error})"
    home = os.path.expanduser("~")
    return f"~{path[len(home) :]}" if home != "~" and path.startswith(home + "/") else path


def settings_options(options: Sequence[SettingOption], config_help: str) -> Callable[[F], F]:
    """Return a decorator that gives a command all settings as click options, in their order, and `--config`."""
    variable = options[0].prefix + "CONFIG"

    def decorated(command: F) -> F:
        return click.option(
            "--config",
            "file",
            metavar="FILE",
            type=click.Path(path_type=Path),
            envvar=variable,
            help=f"{config_help} [{variable}]",
        )(program_options(options)(command))

    return decorated


def program_options(options: Sequence[SettingOption]) -> Callable[[F], F]:
    """Return a decorator that gives one of a command's programs its settings as click options, in their order."""

    def decorated(command: F) -> F:
        for option in reversed(options):
            command = click.option(
                option.flag, option.field, metavar=option.metavar, help=f"{option.meaning} [{option.variable}]"
            )(command)
        return command

    return decorated


class SettingsRefused(click.ClickException):
    """A setting that can't be used, as one sentence, with exit code 2 as for any misuse of the command line."""

    exit_code = 2


class OutputError(Exception):
    """Standard output didn't take what was printed; the text says why."""


class OutputClosed(Exception):
    """Raised where the reader of the output has closed it."""


class CommandGroup(click.Group):
    """Commands by name, which end in a sentence and an exit code whatever their streams are.

    Exit codes: 0 done (also where whoever reads the output has had enough), 1 for what can't be read or written, 130
    for an interrupt, else what the error says.
    """

    hints: ClassVar[Mapping[str, str]] = {}
    """Hints for words that people try, by the word."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line and end the program."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        repair_streams()
        code, error = 1, None
        try:
            ended = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
            code = ended if isinstance(ended, int) else 0
            _flush()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        except click.ClickException as refusal:
            code, error = refusal.exit_code, refusal
        except click.Abort as stopped:
            if isinstance(stopped.__cause__, KeyboardInterrupt):
                code = INTERRUPTED
            else:
                error = click.ClickException("Stopped; nothing was changed.")
        except OutputClosed:
            code = 0
        except OutputError as failure:
            error = click.ClickException(f"The output can't be written: {failure}.")
        except OSError as failure:
            what = "The output can't be written" if failure.filename is None else "That doesn't work"
            error = click.ClickException(f"{what}: {reason(failure)}.")
        _end(code, error)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read a command line. Raises `OutputClosed` where the help that it asks for isn't read."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except BrokenPipeError:
            raise OutputClosed from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run what the command line says. Raises `OutputClosed` where what it prints isn't read."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise OutputClosed from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant. Raises `UsageError`, with what is likely meant, for a word that is none."""
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing and not args[0].startswith("-"):
            raise click.UsageError(self.unknown(ctx, args[0]), ctx)
        return super().resolve_command(ctx, args)

    def unknown(self, ctx: click.Context, word: str) -> str:
        """The sentence for a word that is no command."""
        sentence = f"There is no command {word!r}"
        names = [each for each in self.list_commands(ctx) if not self.commands[each].hidden]
        near = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.6)
        hint = self.hints.get(word.lower()) or (f"Did you mean {ctx.command_path} {near[0]}?" if near else "")
        return f"{sentence}. {hint}" if hint else f"{sentence}; there are {', '.join(names)}."


def say(text: str) -> None:
    """Print what was asked for. Raises `OutputError`, and `OutputClosed` where nobody reads it any more."""
    try:
        click.echo(text)
    except BrokenPipeError:
        raise OutputClosed from None
    except OSError as error:
        raise OutputError(reason(error)) from None


def report(text: str, *, done: str | None = None) -> None:
    """Print what became of something that is done, and stays so where this can't be printed: `done` is said then."""
    try:
        click.echo(text)
    except BrokenPipeError:
        _abandon(sys.stdout)
    except OSError as error:
        _abandon(sys.stdout)
        warn(f"{done or text} (The output can't be written: {reason(error)}.)")


def warn(sentence: str) -> None:
    """Print a sentence to standard error, if that takes it."""
    try:
        click.echo(sentence, err=True)
    except OSError:
        _abandon(sys.stderr)


def given(text: str) -> str:
    """Text from the command line, which may hold bytes that are no letters in the encoding of the shell."""
    return os.fsencode(text).decode("utf-8", "replace") if not _is_whole(text) else text


def read_input(most: int) -> bytes:
    """Standard input, at most so many bytes. Raises `ClickException` where it can't be read."""
    try:
        return sys.stdin.buffer.read(most) or b""
    except OSError as error:
        raise click.ClickException(f"Standard input can't be read: {reason(error)}.") from None


def decoded(data: bytes) -> str:
    """Text of a file or pipe: UTF-8, or what its byte order mark says; what is neither is shown as such."""
    return data.decode(_encoding(data), "replace")


def first_line(data: bytes) -> str:
    """The first line of a file or pipe, without its end. Raises `UnicodeError`."""
    encoding = _encoding(data)
    data = data if encoding == "utf-16" else data.partition(b"\n")[0]
    return data.decode(encoding).partition("\n")[0].rstrip("\r")


def _encoding(data: bytes) -> str:
    return "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def reason(error: OSError) -> str:
    """Why the system refused something, as the end of a sentence."""
    return (error.strerror or str(error) or "unknown error").lower()


def repair_streams() -> None:
    """Put something in the place of standard streams that are closed, and let none fail for a letter it hasn't.

    A closed descriptor would be given to the next file that is opened, the database perhaps. Closed input reads as
    empty; closed output can't be written to; errors have nowhere to go.
    """
    if sys.stdin is None:
        sys.stdin = _put(0, os.O_RDONLY, "r")
    if sys.stdout is None:
        sys.stdout = _put(1, os.O_RDONLY, "w")  # every write fails, as on a closed one
    if sys.stderr is None:
        sys.stderr = _put(2, os.O_WRONLY, "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _put(number: int, how: int, mode: str) -> TextIO:
    descriptor = os.open(os.devnull, how)
    if descriptor != number:
        os.dup2(descriptor, number)
        os.close(descriptor)
    return cast(TextIO, open(number, mode, encoding="utf-8", closefd=False))


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _flush() -> None:
    try:
        sys.stdout.flush()
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise OutputClosed from None
        raise OutputError(reason(error)) from None


def _end(code: int, error: click.ClickException | None) -> None:
    """End the program; what couldn't be written must not fail again at the exit."""
    if error is not None:
        try:
            error.show()
        except OSError:
            _abandon(sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _abandon(stream)
    raise SystemExit(code)


def _abandon(stream: TextIO) -> None:
    """Let the rest of a stream go nowhere."""
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        return  # none of the program's own
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
