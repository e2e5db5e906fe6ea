"""Writing a text in the person's own editor. Whatever goes wrong, the text isn't lost."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

USUAL = "vi"
"""The editor of whoever has named none (POSIX has it everywhere)."""


class EditorFailed(Exception):
    """The editor couldn't be started, or said that it failed; the text is as it was. The message is for the person."""


def command(environment: Mapping[str, str]) -> list[str]:
    """The editor and its options: $VISUAL, else $EDITOR, else vi. Raises `EditorFailed` where it can't be read."""
    told = environment.get("VISUAL") or environment.get("EDITOR") or USUAL
    try:
        return shlex.split(told) or [USUAL]
    except ValueError as error:
        raise EditorFailed(f"$VISUAL or $EDITOR can't be read: {error}.") from error


def _call(arguments: Sequence[str]) -> int:
    return subprocess.run(arguments, check=False).returncode


def edit(text: str, environment: Mapping[str, str], call: Callable[[Sequence[str]], int] = _call) -> str:
    """`text` as it is when the editor is closed; blocks until then.

    Raises `EditorFailed`. The file that is edited is for this person alone, and gone afterwards.
    """
    arguments = command(environment)
    with tempfile.TemporaryDirectory(prefix="asnity-") as folder:
        path = Path(folder) / "message.md"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n" if text else "")
        try:
            code = call([*arguments, str(path)])
        except OSError as error:
            raise EditorFailed(f"{arguments[0]} can't be started: {error.strerror or error}.") from error
        if code != 0:
            raise EditorFailed(f"{arguments[0]} ended with {code}; your text is as it was.")
        try:
            return path.read_text(encoding="utf-8").rstrip("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise EditorFailed(f"The edited text can't be read: {error}.") from error
