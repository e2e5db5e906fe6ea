"""Writes down what broke, in a file for this person alone, and says so in one sentence."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
import traceback
from pathlib import Path

from asnity_server import __version__
from asnity_tui.client.storage.private_files import private_folder

_LOOK_AT = ("TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "COLORTERM", "TMUX", "LANG", "LC_ALL", "LC_CTYPE")


def write_report(error: BaseException, folder: Path) -> Path:
    """Write a report into `folder`, or where that can't be, among the temporary files; where it lies.

    It has where in the program it happened, but no variables: messages and passwords are among them. Raises `OSError`.
    """
    text = _text(error)
    name = time.strftime("crash-%Y%m%d-%H%M%S-", time.gmtime())
    try:
        private_folder(folder)
        descriptor, path = tempfile.mkstemp(".txt", name, folder)
    except OSError:
        descriptor, path = tempfile.mkstemp(".txt", f"asnity-{name}")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return Path(path)


def _text(error: BaseException) -> str:
    versions = f"asnity {__version__}, Python {platform.python_version()}, {platform.platform()}"
    around = "".join(f"{name}={os.environ[name]!r}\n" for name in _LOOK_AT if name in os.environ)
    told = "".join(traceback.format_exception(error))
    return f"{versions}\n{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime())} UTC\n{around}\n{told}"


def report_crash(error: BaseException, folder: Path, *, kept: bool = True) -> None:
    """Report an error and say where; `kept` is whether drafts and what is unsent are on disk."""
    lost = "drafts and unsent messages are kept" if kept else "what was written last may be lost"
    try:
        where = f"and the report is in {write_report(error, folder)}"
    except OSError as trouble:
        where = f"and no report could be written ({trouble.strerror or trouble}): {type(error).__name__}: {error}"
    try:
        print(f"asnity-tui has crashed; {lost}, {where}", file=sys.stderr, flush=True)
    except OSError:
        return  # nobody is there to be told; the report is
