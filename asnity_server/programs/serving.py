"""Serving: runs a program until it is stopped, and says in one sentence why it can't."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sqlite3
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import click

from asnity_server import config, shell
from asnity_server.listening import CantListen, raise_file_limit
from asnity_server.protocol.errors import AsnityError

log = logging.getLogger("asnity_server")


class Refusal(click.ClickException):
    """One sentence, and exit code 1."""


def run_loop(main: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop where it is installed: the same program, a quarter faster at delivering."""
    try:
        import uvloop  # here, since it isn't everywhere
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


async def run(settings: config.ServerSettings) -> None:
    """Serve until somebody stops it."""
    # here and not above: the administrator's commands need none of what this brings
    from asnity_server.app import Server

    raise_file_limit()
    await serve_until_stopped(Server(settings))


class Program(Protocol):
    """A program that serves."""

    welcome: tuple[str, ...]

    async def __aenter__(self) -> Any:
        """Start."""

    async def __aexit__(self, *error: object) -> None:
        """Drain."""

    def stop(self) -> None:
        """Begin to end."""

    async def wait_until_stopped(self) -> None:
        """Wait until somebody calls `stop`."""


async def serve_until_stopped(program: Program) -> None:
    """Start a program, say so, and drain it when it is told to stop."""
    async with program as server:
        # what was made to start with stays; what a request makes goes by itself, and a batch of them is no reason to
        # look at everything for rings
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, server.stop)
        for line in server.welcome:
            log.info("%s", line)
        await server.wait_until_stopped()
        log.info("Stopping: finishing writes and closing connections.")
    log.info("Stopped.")


@contextmanager
def said_in_words(settings: config.ServerSettings) -> Iterator[None]:
    """Turn errors that a healthy machine may have into one sentence."""
    try:
        yield
    except (AsnityError, CantListen) as error:
        raise Refusal(str(error)) from None
    except sqlite3.Error as error:
        raise Refusal(f"The database {settings.database} can't be used: {error}.") from None
    except OSError as error:
        what = f"The data folder {settings.data} can't be used"
        raise Refusal(f"{what}: {shell.reason(error)}. Choose another with --data FOLDER.") from None
