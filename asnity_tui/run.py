"""Puts the client together and runs it; the network libraries are loaded after the first paint."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import Callable
from functools import partial

from asnity_tui.client.clock import SystemClock
from asnity_tui.client.sign_in import Authenticator
from asnity_tui.client.storage.accounts import SavedAccount, SavedAccounts
from asnity_tui.client.storage.cache import Cache
from asnity_tui.client.storage.cache_file import account_file
from asnity_tui.client.storage.private_files import private_folder
from asnity_tui.client.storage.storage import ELSEWHERE, Storage
from asnity_tui.client.transport.client import ChatClient
from asnity_tui.terminal.clipboard import Clipboard
from asnity_tui.terminal.terminal_driver import TerminalDriver

from .app import AsnityApp
from .app_options import AppOptions, Demo
from .config import Loaded, Settings
from .signals import run_until_exit
from .theme_file import save_theme


async def dial(url: str) -> ChatClient:
    """A client for a server. Loading the libraries takes a moment: in a thread, while the screen is alive."""

    def load() -> Callable[[str], ChatClient]:
        from asnity_tui.client.transport.remote import RemoteClient  # late: the first paint needs no network

        return RemoteClient

    remote_client = await asyncio.to_thread(load)
    return remote_client(url)


async def make_demo() -> Demo:
    """The demo, which loads the server: only for those who ask for it."""

    def load() -> Callable[[], Demo]:
        from asnity_tui.demo.world import DemoWorld  # late: nobody else needs a server

        return DemoWorld

    demo_world = await asyncio.to_thread(load)
    return demo_world()


def run(loaded: Loaded, *, demo: bool = False) -> int:
    """Run the client until it is closed; its exit status."""
    settings = loaded.settings
    unlogged = _log_to(settings)
    clock = SystemClock()
    saved_sessions = SavedAccounts(settings.sessions_file)
    troubles = [*loaded.troubles, *unlogged, *_key_troubles(settings), *(() if demo else _data_troubles(settings))]
    app: AsnityApp

    def open_storage(saved: SavedAccount) -> Storage:
        path = account_file(settings.accounts_folder, saved.server, saved.user_id)
        return Cache(path, lambda trouble: app.notify(trouble, severity="warning", markup=False))

    authenticator = Authenticator(accounts=saved_sessions, dial=dial, open_storage=open_storage, clock=clock)
    saved = None if demo else _last(authenticator, settings, troubles)
    options = AppOptions(
        server=settings.server,
        saved=saved,
        invite_link=settings.server if saved is not None and _is_invite(settings.server) else "",
        theme=settings.theme,
        save_theme=None if demo else partial(save_theme, settings.look_file),
        notify=settings.notify,
        keys=settings.keys,
        troubles=tuple(troubles),
        make_demo=make_demo,
        demo=demo,
        clipboard=Clipboard(os.environ),
        undo_seconds=settings.undo_send,
        on_first_paint=_collect_garbage_again,
    )
    app = AsnityApp(authenticator, options, clock=clock, zone=None, driver_class=TerminalDriver)
    return run_until_exit(app, settings.data)


def _collect_garbage_again() -> None:
    """What was built for the first picture stays for good: no collection need look at it again."""
    gc.freeze()
    gc.enable()


def _key_troubles(settings: Settings) -> tuple[str, ...]:
    """What is wrong with the keys of the settings."""
    if not settings.keys:
        return ()
    from asnity_tui.screens.key_troubles import key_troubles  # late: most people have no keys of their own

    return key_troubles(settings.keys)


def _data_troubles(settings: Settings) -> tuple[str, ...]:
    """Why nothing can be kept where it should be: better told before somebody signs in or writes."""
    try:
        private_folder(settings.data)
        reason = "" if os.access(settings.data, os.W_OK | os.X_OK) else "it can't be written"
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
    return (f"Nothing can be saved in {settings.data} ({reason}). {ELSEWHERE}",) if reason else ()


def _is_invite(server: str) -> bool:
    """Whether an address, which is a good one, is the link of an invite."""
    if not server:
        return False
    from asnity_tui.client.transport.address import normalise_address  # late: most people name no server

    return normalise_address(server).invite is not None


def _last(authenticator: Authenticator, settings: Settings, troubles: list[str]) -> SavedAccount | None:
    """Who is signed in: on the server that is named, else whoever was last."""
    server = None
    if settings.server:
        from asnity_tui.client.transport.address import BadAddress, normalise_address  # late: see above

        try:
            address = normalise_address(settings.server)
        except BadAddress as error:
            troubles.append(str(error))
            return None
        server = address.url
    try:
        return authenticator.last_account(server)
    except OSError as error:
        troubles.append(f"The accounts on this machine can't be read: {(error.strerror or 'unknown error').lower()}.")
        return None


def _log_to(settings: Settings) -> tuple[str, ...]:
    """Log warnings and worse to the file, if there is one, and never to the terminal; what is in the way of it."""
    root = logging.getLogger()
    if settings.log is None:
        root.addHandler(logging.NullHandler())
        return ()
    try:
        handler = logging.FileHandler(settings.log, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        root.addHandler(logging.NullHandler())
        return (f"The log {settings.log} can't be written: {(error.strerror or 'unknown error').lower()}.",)
    from asnity_server.logs import RateLimitFilter, SafeFormatter  # here, since few keep a log

    handler.setFormatter(SafeFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(RateLimitFilter())
    root.addHandler(handler)
    return ()
