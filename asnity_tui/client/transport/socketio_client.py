"""python-socketio's client with the few private things that we hold on to, each in one method and pinned by a test."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import aiohttp
import engineio
import engineio.base_client
import engineio.payload
import socketio
import socketio.exceptions
import socketio.packet

from .client import NoAnswer, Unreachable
from .http import reason_of
from .same_origin import SameOrigin

LARGEST_FRAME = 8 * 1024 * 1024
"""Bytes of the longest websocket message, and of the longest answer to a poll, that is taken."""

PACKETS_PER_POLL = 10_000
"""How many packets one answer to a poll may have; the server puts everything that waits into one."""

LOST = "The connection was lost."

CLOSING = 1.0
"""Seconds for saying goodbye before the connection is dropped."""

DROPPING = 0.1
"""Seconds for saying goodbye on a connection that is dropped."""


class SocketIOClient(socketio.AsyncClient):  # type: ignore[misc]  # the library has no types
    """One connection; a lost one is not used again.

    `on_gone(reason)` is called once, however and whenever the connection ends.
    """

    def __init__(self, base_url: str, on_gone: Callable[[str], None]) -> None:
        self._base_url = base_url
        self._on_gone: Callable[[str], None] | None = on_gone
        self._http = _Http(base_url)
        self._one_at_a_time = asyncio.Lock()
        super().__init__(
            reconnection=False,
            handle_sigint=False,
            logger=_quiet("asnity_tui.socketio"),
            engineio_logger=_quiet("asnity_tui.engineio"),
            http_session=self._http,
            websocket_extra_options={"max_msg_size": LARGEST_FRAME, "compress": 0},
        )

    async def dial(self, namespace: str, auth: dict[str, str]) -> None:
        """Connect by websocket, or by polling where something on the way lets none through, and ask for a namespace.

        Raises `Unreachable`.
        """
        try:
            await self._dial("websocket", namespace, auth)
        except _NoWebsocket:
            self.logger.warning("No websocket can be made; polling instead.")
            engineio.payload.Payload.max_decode_packets = PACKETS_PER_POLL
            await self._dial("polling", namespace, auth)
        # A loop that dies of something which the library didn't expect says nothing to anyone.
        for loop in (self.eio.read_loop_task, self.eio.write_loop_task):
            if loop is not None:
                loop.add_done_callback(self._loop_ended)

    @property
    def is_live(self) -> bool:
        """Tell whether there is a connection below the namespaces."""
        return bool(self.eio.state == "connected")

    async def _dial(self, transport: str, namespace: str, auth: dict[str, str]) -> None:
        try:
            await self.connect(self._base_url, auth=auth, transports=[transport], namespaces=[namespace], wait=False)
        except socketio.exceptions.ConnectionError as error:
            cause = error.__cause__.__context__ if error.__cause__ else None
            if isinstance(cause, aiohttp.ClientConnectorError):
                raise Unreachable(reason_of(cause)) from error
            if transport == "websocket":
                raise _NoWebsocket from error
            raise Unreachable("The server can't be reached.") from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(reason_of(error)) from error
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            # What a peer that doesn't speak Engine.IO makes of the library's parsing.
            raise Unreachable("That isn't an Asnity server.") from error

    async def send_request(self, event: str, payload: object, namespace: str, answered: Callable[..., None]) -> None:
        """Send a request whose acknowledgement is given to `answered`. Raises `NoAnswer` if it can't be."""
        try:
            await self.emit(event, payload, namespace=namespace, callback=answered)
        except (socketio.exceptions.SocketIOError, KeyError) as error:
            # KeyError: an acknowledgement that nobody asked for took the library's counter of them away.
            raise NoAnswer("The connection is broken.") from error
        await self._posted()

    async def connect_namespace(self, namespace: str, auth: dict[str, str]) -> None:
        """Ask for one more namespace on the live connection: the library has no public way."""
        await self._send_packet(self.packet_class(socketio.packet.CONNECT, namespace=namespace, data=auth))
        await self._posted()

    async def disconnect_namespace(self, namespace: str) -> None:
        """Give one namespace up and keep the others: the library has no public way."""
        if self.namespaces.pop(namespace, None) is not None:
            self.callbacks.pop(namespace, None)
            await self._send_packet(self.packet_class(socketio.packet.DISCONNECT, namespace=namespace))
            await self._posted()

    async def hang_up(self) -> None:
        """End the connection: politely if that goes quickly. `on_gone` is not called for it."""
        self._on_gone = None
        try:
            async with asyncio.timeout(CLOSING):
                await self.eio.disconnect()
        except Exception as error:  # whatever state the library is in: it is dropped next
            self.logger.warning("The connection did not end by itself: %r", error)
        await self._drop()

    async def _drop(self) -> None:
        loops = [each for each in (self.eio.read_loop_task, self.eio.write_loop_task) if each and not each.done()]
        for each in loops:
            each.cancel()
        if loops:
            await asyncio.wait(loops, timeout=CLOSING)
        await self._http.close()
        if self.eio in engineio.base_client.connected_clients:
            engineio.base_client.connected_clients.remove(self.eio)

    async def _posted(self) -> None:
        """Let a packet leave before the next by polling: a server throws out who posts more than 16 at once."""
        if self.transport() == "polling":
            async with self._one_at_a_time:
                await self.eio.queue.join()

    async def _handle_eio_message(self, data: Any) -> None:
        """Take a packet; one that makes no sense ends the connection instead of a task in the dark."""
        try:
            await super()._handle_eio_message(data)
            if self._binary_packet is not None:
                # Nothing here is binary, and the library would take what comes next for a part of it.
                raise ValueError("A binary packet.")
        except Exception:
            self.logger.exception("The server sent data that can't be read.")
            self._gone("The server sent data that can't be read.")

    async def _handle_eio_disconnect(self, reason: str) -> None:
        # Before the library tells each namespace that it is lost: the whole connection is.
        self._gone(LOST)
        await super()._handle_eio_disconnect(reason)

    def _loop_ended(self, loop: asyncio.Task[None]) -> None:
        if not loop.cancelled() and loop.exception() is not None:
            self.logger.warning("The connection broke: %r", loop.exception())
        self._gone(LOST)

    def _gone(self, reason: str) -> None:
        told, self._on_gone = self._on_gone, None
        if told is not None:
            told(reason)


class _Http:
    """The HTTP session that the library uses, and the websocket that it made with it.

    The library forgets its websocket where connecting fails half-way; unclosed, it would complain when it is collected.
    """

    def __init__(self, base_url: str) -> None:
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), middlewares=(SameOrigin(base_url),), response_class=_Measured
        )
        self._websocket: aiohttp.ClientWebSocketResponse | None = None
        self.get = self._session.get
        self.post = self._session.post
        self.cookie_jar = self._session.cookie_jar

    @property
    def closed(self) -> bool:
        """Tell whether the session can't be used any more."""
        return self._session.closed

    async def ws_connect(self, url: str, **options: Any) -> aiohttp.ClientWebSocketResponse:
        """Open a websocket and hold on to it. Raises as aiohttp does."""
        self._websocket = await self._session.ws_connect(url, **options)
        return self._websocket

    async def close(self) -> None:
        """Close the websocket, if the library left it open, and the session; a silent peer holds nothing up."""
        if self._websocket is not None and not self._websocket.closed:
            try:
                async with asyncio.timeout(DROPPING):
                    await self._websocket.close()
            except TimeoutError:
                pass  # the peer says no goodbye; aiohttp has dropped the transport on being interrupted
        await self._session.close()


class _Measured(aiohttp.ClientResponse):
    """An answer that isn't read to its end where it has none: the library reads whatever comes."""

    async def read(self) -> bytes:
        """The whole body. Raises `ClientPayloadError` where it is too long."""
        if self._body is None:
            body = bytearray()
            async for chunk in self.content.iter_chunked(64 * 1024):
                body += chunk
                if len(body) > LARGEST_FRAME:
                    self.close()
                    raise aiohttp.ClientPayloadError("The answer is too long.")
            self._body = bytes(body)
        return self._body


class _NoWebsocket(Exception):
    """There is a server, but no websocket to it."""


def _quiet(name: str) -> logging.Logger:
    """A logger that never falls back to standard error, and never writes tokens or messages into anyone's log.

    The library adds a handler for standard error to any logger that it chooses itself, and Python writes what nobody
    handles there too: both would scribble over the screen. At the level of warnings the library names no contents.
    """
    logger = logging.getLogger(name)
    logger.setLevel(logging.WARNING)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger
