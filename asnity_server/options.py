"""Options of both programs: their flags and variables, default folders, and the settings file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
from msgspec import Struct


class BadSettings(Exception):
    """Raised for settings that can't be used; its text is one sentence for a person."""


class UnreadableFile(Exception):
    """Raised for a settings file that can't be read, with its `path`, the `problem`, and a `detail` of it."""

    def __init__(self, path: Path, problem: str, detail: str = "") -> None:
        super().__init__(f"{path} {problem}")
        self.path = path
        self.problem = problem
        self.detail = detail


HOMELESS = "There is no home folder here. Set HOME, or say where to keep data with --data FOLDER."


class SettingOption(Struct, frozen=True):
    """One setting as it is presented on the command line, in the environment and in the documents."""

    prefix: str
    """The beginning of its name in the environment."""
    field: str
    metavar: str
    meaning: str
    expects: str
    """The values that it takes, for whoever gave another."""
    shown: str = ""
    """Its name on the command line, where that isn't the field's."""

    @property
    def flag(self) -> str:
        """Its name on the command line."""
        return "--" + (self.shown or self.field).replace("_", "-")

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return self.prefix + self.field.upper()


def default_data(program: str) -> Path:
    """Return a program's default folder for data. Raises `BadSettings` where there is no home."""
    return _own(platformdirs.user_data_path, program)


def default_file(program: str) -> Path:
    """Return the settings file that is read where none is named. Raises `BadSettings` where there is no home."""
    return _own(platformdirs.user_config_path, program) / "config.toml"


def _own(folder: Callable[..., Path], program: str) -> Path:
    try:
        path = folder(program, appauthor=False)
    except RuntimeError:  # the home is neither in the environment nor among the system's accounts
        raise BadSettings(HOMELESS) from None
    if not path.is_absolute():
        raise BadSettings(HOMELESS)
    return path


def read_file(named: Path | None, default: Callable[[], Path]) -> dict[str, Any] | None:
    """Read the `named` or the default settings file; None where a named one isn't there.

    A default file that isn't there is empty. Raises `UnreadableFile` for one that is there.
    """
    try:
        path = named or default()
    except BadSettings:
        return {}  # without a home there is no such file
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):  # the home of some services is no folder: /dev/null
        return {} if named is None else None
    except OSError as error:
        raise UnreadableFile(path, "can't be read", (error.strerror or "unknown error").lower()) from None
    except UnicodeError:
        raise UnreadableFile(path, "is not UTF-8") from None
    import tomllib  # here, since most people have no such file

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(path, "is not TOML", str(error)) from None
