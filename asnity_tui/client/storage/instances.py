"""The running instances of one account: each holds a lock on a file of its own, which its end releases."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .private_files import open_private, private_folder


class Instance:
    """This running instance, among the others whose files are in the same folder."""

    def __init__(self, folder: Path) -> None:
        """Raises `OSError` where no file can be made."""
        private_folder(folder)
        self._folder = folder
        while True:
            self.name = os.urandom(8).hex()
            self._lock = open_private(folder / self.name)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            # Whoever saw the file before it was locked may have taken it for a dead instance's and removed it.
            if _is_at(self._lock, folder / self.name):
                return
            os.close(self._lock)

    def others(self) -> bool:
        """Tell whether another instance runs. Files that dead ones left are removed."""
        names = [each for each in os.listdir(self._folder) if each != self.name]
        return any(not self.bury(each) for each in names)

    def bury(self, name: str) -> bool:
        """Tell whether the instance of that name is gone; if so, its file is removed."""
        with self.gone(name) as gone:
            return gone

    @contextmanager
    def gone(self, name: str) -> Iterator[bool]:
        """Tell whether the instance of that name is gone; while this holds, no other instance can find the same."""
        path = self._folder / name
        if name == self.name:
            yield False
            return
        lock = open_private(path)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
            if _is_at(lock, path):
                path.unlink(missing_ok=True)
        finally:
            os.close(lock)

    def close(self) -> None:
        """Be gone: what this instance leaves unsent is another's from now on."""
        (self._folder / self.name).unlink(missing_ok=True)
        os.close(self._lock)


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file is still the one that its path names."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def is_any_running(folder: Path) -> bool:
    """Tell whether an instance runs whose file is in this folder; nothing is changed. Raises `OSError`."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return False
    return any(_is_locked(folder / each) for each in names)


def _is_locked(path: Path) -> bool:
    try:
        lock = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(lock)
