"""The account that commands work for: the one that the client is signed in with, and its stored state."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asnity_server.protocol import requests, routes
from asnity_server.protocol.responses import Overview
from asnity_tui.client.storage.accounts import SavedAccount, SavedAccounts
from asnity_tui.client.storage.cache_file import account_file
from asnity_tui.client.storage.peek import is_running, sidebar
from asnity_tui.client.transport.address import BadAddress, normalise_address
from asnity_tui.client.transport.client import REQUEST_ERRORS, ChatClient
from asnity_tui.config import Settings
from asnity_tui.state.reconcile import apply_overview
from asnity_tui.state.store import Store

from .outcome import CommandRefused, exit_for


def choose_account(settings: Settings) -> SavedAccount:
    """Choose the account: on the server that is named, else the one that was used last. Raises `CommandRefused`."""
    server = None
    if settings.server:
        try:
            server = normalise_address(settings.server).url
        except BadAddress as error:
            raise CommandRefused(str(error)) from None
    try:
        saved = next(
            (each for each in SavedAccounts(settings.sessions_file).load() if server in (None, each.server)), None
        )
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        what = f"The accounts in {settings.data} can't be read: {reason}"
        raise CommandRefused(f"{what}. Set HOME, or say where they are with --data FOLDER.") from None
    if saved is None:
        where = f" at {server}" if server else ""
        raise CommandRefused(f"Nobody is signed in{where} on this machine; start asnity-tui and sign in first.")
    return saved


def stored_state(settings: Settings, saved: SavedAccount, *, only_running: bool = False) -> Store | None:
    """Load what the client showed last, if anything; `only_running`: only where one runs and keeps that right."""
    path = account_file(settings.accounts_folder, saved.server, saved.user_id)
    if only_running and not is_running(path):
        return None
    overview = sidebar(path)
    return None if overview is None else store_of(overview)


@asynccontextmanager
async def open_client(saved: SavedAccount) -> AsyncIterator[ChatClient]:
    """Open a client for the server of an account."""
    from asnity_tui.client.transport.remote import RemoteClient  # late: what is remembered needs no network

    client = RemoteClient(saved.server, saved.token)
    try:
        yield client
    finally:
        await client.close()


async def fetch_overview(saved: SavedAccount) -> Store:
    """Ask the server for this account's overview. Raises `CommandRefused` and `OutOfReach`."""
    async with open_client(saved) as client:
        try:
            return await fetch_store(client)
        except REQUEST_ERRORS as error:
            raise exit_for(error) from None


async def fetch_store(client: ChatClient) -> Store:
    """Ask the server for the overview. Raises as `ChatClient.call` does."""
    return store_of(await client.call(routes.OVERVIEW, requests.Empty()))


def store_of(overview: Overview) -> Store:
    """Make the state of a client from an overview."""
    store = Store()
    apply_overview(store, overview, asked_at=store.serial)
    return store
