"""A fork server: begins programs as processes of their own that needn't load everything each time.

A process that has loaded the server waits for command lines, and makes a copy of itself for each. What such a copy does
is what `asnity-server` does; that it is begun in milliseconds is what lets a whole suite run on four programs a test.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Sequence

from asnity_server.api.accounts import passwords

from .deployment import CHEAP

LOADED = ("asnity_server.cli", "asnity_server.app", "uvloop")
"""What every program needs."""

_MESSAGE = 65536


class ForkedProcess:
    """A running program, as `asyncio.subprocess.Process` shows one."""

    def __init__(self, server: ForkServer, pid: int, stderr: asyncio.StreamReader) -> None:
        self._server = server
        self.pid = pid
        self.stderr = stderr
        self.returncode: int | None = None
        self._handle = os.pidfd_open(pid)
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().add_reader(self._handle, self._ended)

    def _ended(self) -> None:
        asyncio.get_running_loop().remove_reader(self._handle)
        os.close(self._handle)
        self.returncode = self._server.status(self.pid)
        self._over.set_result(None)

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.returncode is None:
            signal.pidfd_send_signal(self._handle, signal.Signals(number))

    async def wait(self) -> int:
        """Wait for the end; the exit status, or a signal's number below 0."""
        await asyncio.shield(self._over)
        assert self.returncode is not None
        return self.returncode


class ForkServer:
    """The process that begins others. They end with it, and it with whoever holds this."""

    def __init__(self) -> None:
        self._here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with there:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.topology.fork_server", str(there.fileno())], pass_fds=[there.fileno()]
            )
        self._asking = threading.Lock()
        atexit.register(self.close)

    async def begin(self, words: Sequence[str]) -> ForkedProcess:
        """Begin `asnity-server` with some words."""
        reading, writing = os.pipe()
        pid = await asyncio.to_thread(self._ask, {"begin": words}, writing)
        os.close(writing)
        stderr, loop = asyncio.StreamReader(), asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stderr), os.fdopen(reading, "rb", 0))
        return ForkedProcess(self, pid, stderr)

    def status(self, pid: int) -> int:
        """Return the exit status of a program that has ended."""
        return self._ask({"ended": pid})

    def _ask(self, what: dict[str, object], *descriptors: int) -> int:
        with self._asking:
            socket.send_fds(self._here, [json.dumps(what).encode()], descriptors)
            return int(self._here.recv(_MESSAGE))

    def close(self) -> None:
        """End it, and what it began."""
        self._here.close()
        self._process.wait()


@functools.cache
def fork_server() -> ForkServer:
    """Return the fork server of this test run."""
    return ForkServer()


def _serve(connection: socket.socket) -> None:
    """Begin what is asked for, until nobody can ask any more."""
    running: set[int] = set()
    while True:
        message, descriptors, _, _ = socket.recv_fds(connection, _MESSAGE, 1)
        if not message:
            break
        asked = json.loads(message)
        if "begin" in asked:
            pid = os.fork()
            if not pid:
                connection.close()
                _become(asked["begin"], descriptors[0])
            running.add(pid)
            os.close(descriptors[0])
            connection.send(str(pid).encode())
        else:
            _, status = os.waitpid(asked["ended"], 0)
            running.discard(asked["ended"])
            connection.send(str(os.waitstatus_to_exitcode(status)).encode())
    for pid in running:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _become(words: Sequence[str], stderr: int) -> None:
    """Be the program; this never returns."""
    status = 1
    try:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        os.dup2(1, 0)
        sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")  # those there are remember what they led to
        sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace")
        for name in [key for key in os.environ if key.startswith("ASNITY_")]:
            del os.environ[name]
        sys.argv = ["asnity-server", *words]
        importlib.import_module("asnity_server.__main__").main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for each in LOADED:
        importlib.import_module(each)
    # passwords that guard nothing need not be slow to check
    passwords.HashCost.__init__.__defaults__ = (CHEAP.time, CHEAP.memory)
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))
