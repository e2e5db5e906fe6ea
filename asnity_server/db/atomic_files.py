"""Atomic files: written under another name, synced to the disk, and only then renamed; whole or not there."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

UNFINISHED = ".unfinished"
"""The ending of a file's name as long as it isn't whole."""

BESIDE = ("-journal", "-wal", "-shm")
"""The endings of files that SQLite keeps beside a database (sqlite.org/wal.html, section 2)."""

# Every function here may raise OSError.


@contextlib.contextmanager
def written_atomically(target: Path) -> Iterator[Path]:
    """Make a new file (mode 600): yield the path to write, which becomes `target` at the end.

    Whenever this is interrupted, there is nothing under that name; what an earlier run has left is written anew.
    Raises `FileExistsError` rather than to overwrite anything.
    """
    _require_free(target)
    unfinished = target.with_name(target.name + UNFINISHED)
    claim = _claim(unfinished)
    try:
        try:
            yield unfinished
            os.fsync(claim)
            _give_name(unfinished, target)
        except BaseException:
            remove(unfinished)
            raise
        sync_folder(target.parent)
    finally:
        os.close(claim)


def replace_atomically(path: Path, data: bytes) -> None:
    """Replace a file's content (mode 600): whoever reads it finds the old or the new one, whatever fails."""
    new = path.with_name(path.name + ".new")
    try:
        with open(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def remove(database: Path) -> None:
    """Remove a database with what SQLite keeps beside it, as far as it is there."""
    for each in ("", *BESIDE):
        database.with_name(database.name + each).unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Put a file's content on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Put the names of a folder's files on the disk, where it can."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # not every file system has that
            raise
    finally:
        os.close(descriptor)


def link_or_rename(old: Path, new: Path) -> None:
    """Give a file another name, besides its own where the file system can do that; never one that is taken."""
    try:
        os.link(old, new)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK):
            raise
        _require_free(new)
        old.rename(new)


def _require_free(target: Path) -> None:
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))


def _claim(unfinished: Path) -> int:
    """Make an unfinished file of our own; its descriptor, which holds a lock on it.

    Only who has that lock removes it, so that nobody removes what another program is writing. It is never emptied:
    a run that was killed may have given it its name already.
    """
    while True:
        with contextlib.suppress(FileExistsError):
            claim = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(claim, fcntl.LOCK_EX)
            if _is_at(claim, unfinished):
                return claim
            os.close(claim)  # somebody took it for one that was left before it was locked
            continue
        with contextlib.suppress(FileNotFoundError):
            left = os.open(unfinished, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_at(left, unfinished):
                    remove(unfinished)
            except BlockingIOError:
                raise OSError(errno.EBUSY, "another program is writing it", str(unfinished)) from None
            finally:
                os.close(left)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.fstat(descriptor).st_ino == os.stat(path).st_ino
    except FileNotFoundError:
        return False


def _give_name(unfinished: Path, target: Path) -> None:
    link_or_rename(unfinished, target)
    unfinished.unlink(missing_ok=True)
