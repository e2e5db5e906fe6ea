"""Edits a text in the person's own editor; the text isn't lost, whatever goes wrong."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

USUAL = "vi"
"""The editor of whoever has named none (POSIX has it everywhere)."""

LONGEST = 1_000_000
"""Bytes that are taken from an editor at most."""


class EditorFailed(Exception):
    """The editor couldn't be started, or said that it failed; the text is as it was. The message is for the person."""


def command(environment: Mapping[str, str]) -> list[str]:
    """The editor and its options: $VISUAL, else $EDITOR, else vi. Raises `EditorFailed` where it can't be read."""
    told = environment.get("VISUAL") or environment.get("EDITOR") or USUAL
    try:
        return shlex.split(told) or [USUAL]
    except ValueError as error:
        raise EditorFailed(f"$VISUAL or $EDITOR can't be read: {error}.") from error


class Running:
    """The editor while it runs: it can be told to end."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, arguments: Sequence[str]) -> int:
        """Run it, and wait for its exit status: negative for the signal that killed it. Raises `OSError`."""
        with subprocess.Popen(arguments) as process:
            self._process = process
            return process.wait()

    def end(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None:
            self._process.send_signal(number)


def edit(text: str, environment: Mapping[str, str], call: Callable[[Sequence[str]], int] | None = None) -> str:
    """`text` as it is when the editor is closed; blocks until then. `call` runs it, as `Running` does.

    Raises `EditorFailed`. The file that is edited is for this person alone, and gone afterwards, unless it can't be
    taken back: then the sentence says where it lies.
    """
    arguments = command(environment)
    try:
        folder = Path(tempfile.mkdtemp(prefix="asnity-"))
    except OSError as error:
        raise EditorFailed(f"The text can't be saved for the editor: {error.strerror or error}.") from error
    try:
        edited = _edited(text, arguments, folder / "message.md", call or Running())
    except _Useless as error:
        raise EditorFailed(
            f"{error} Your edit is kept in {folder / 'message.md'}; the composer is unchanged."
        ) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    return edited


class _Useless(Exception):
    """Something was written that can't be taken."""


def _edited(text: str, arguments: Sequence[str], path: Path, call: Callable[[Sequence[str]], int]) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n" if text else "")
    except OSError as error:
        raise EditorFailed(f"The text can't be saved for the editor: {error.strerror or error}.") from error
    try:
        code = call([*arguments, str(path)])
    except (OSError, ValueError) as error:
        raise EditorFailed(f"{arguments[0]} can't be started: {getattr(error, 'strerror', None) or error}.") from error
    if code != 0:
        how = f"ended with {code}" if code > 0 else f"was killed by signal {-code}"
        raise EditorFailed(f"{arguments[0]} {how}. Your text is unchanged.")
    try:
        written = path.read_bytes()
    except OSError as error:
        raise EditorFailed(f"The edited text can't be read: {error.strerror or error}.") from error
    if len(written) > LONGEST:
        raise _Useless(f"The edited text is longer than {LONGEST:,} bytes.")
    try:
        return written.decode("utf-8-sig").replace("\r\n", "\n").rstrip("\n")
    except UnicodeDecodeError as error:
        raise _Useless("The edited text is not UTF-8.") from error
