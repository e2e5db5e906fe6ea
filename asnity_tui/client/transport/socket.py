"""The socket transport: one connection, a namespace per community, requests with acknowledgements, events in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from asnity_server.protocol import codec
from asnity_server.protocol.errors import AsnityError, Internal, Invalid, TooLarge, from_info
from asnity_server.protocol.events import COMMUNITY_EVENTS, USER_EVENTS
from asnity_server.protocol.ids import USER_NAMESPACE, community_of_namespace, namespace_of
from asnity_server.protocol.routes import A, R, SocketRequest

from .client import ANSWER_TIMEOUT, Listener, NoAnswer, Unreachable
from .http import NOT_UNDERSTOOD
from .socketio_client import SocketIOClient

_LOG = logging.getLogger("asnity_tui.socket")

Answer = asyncio.Future[Any]


class SocketTransport:
    """One connection of one account. It is opened once; after it was lost or closed, another one takes its place."""

    def __init__(self, base_url: str, token: str, listener: Listener, *, timeout: float = ANSWER_TIMEOUT) -> None:
        self._auth = {"token": token}
        self._listener = listener
        self._timeout = timeout
        self._open = False
        """The person's own namespace is connected."""
        self._told = False
        """Whoever opened this knows that it is open, so the listener is told when it is lost."""
        self._ending: asyncio.Task[None] | None = None
        self._entering: dict[str, Answer] = {}
        self._asking: dict[Answer, str] = {}
        """Requests without an acknowledgement yet, and the namespaces that they went through."""
        self._socketio = SocketIOClient(base_url, self._gone)
        self._socketio.on("connect", self._on_connect, namespace="*")
        self._socketio.on("connect_error", self._on_connect_error, namespace="*")
        self._socketio.on("disconnect", self._on_disconnect, namespace="*")
        self._socketio.on("*", self._on_event, namespace="*")

    async def open(self) -> None:
        """Connect, and enter the person's own namespace. Raises as `ChatClient.open` does."""
        entered = self._entering[USER_NAMESPACE] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self._timeout):
                await self._socketio.dial(USER_NAMESPACE, self._auth)
                await entered
            self._must_be_open()
        except BaseException as error:
            self._open = False
            self._entering.clear()
            await self._socketio.hang_up()
            if isinstance(error, (TimeoutError, NoAnswer)):
                raise Unreachable("The server doesn't answer: the connection took too long or was cut.") from error
            raise
        self._told = True

    async def enter(self, community_id: str) -> None:
        """Connect a community's namespace. Raises as `ChatClient.enter` does."""
        namespace = namespace_of(community_id)
        self._must_be_open()
        if namespace in self._socketio.namespaces:
            return
        entered = self._entering.get(namespace)
        asked = entered is not None
        if entered is None:
            entered = self._entering[namespace] = asyncio.get_running_loop().create_future()
        with _in_words():
            async with asyncio.timeout(self._timeout):
                if not asked:
                    await self._socketio.connect_namespace(namespace, self._auth)
                await asyncio.shield(entered)

    async def exit(self, community_id: str) -> None:
        """Disconnect a community's namespace; what was asked there and not answered yet ends with `NoAnswer`."""
        namespace = namespace_of(community_id)
        await self._socketio.disconnect_namespace(namespace)
        self._fail(namespace)

    async def ask(self, community_id: str | None, kind: SocketRequest[R, A], request: R) -> A:
        """One request. Raises as `ChatClient.ask` does."""
        namespace = USER_NAMESPACE if community_id is None else namespace_of(community_id)
        self._must_be_open()
        if namespace not in self._socketio.namespaces:
            raise Unreachable("Not connected to this community.")
        fields = {name: value for name, value in codec.to_builtins(request).items() if value is not None}
        answered: Answer = asyncio.get_running_loop().create_future()
        self._asking[answered] = namespace
        try:
            with _in_words():
                async with asyncio.timeout(self._timeout):
                    await self._socketio.send_request(
                        kind.event, fields, namespace, lambda *told: _settle(answered, told)
                    )
                    told: tuple[object, ...] = await answered
        finally:
            self._asking.pop(answered, None)
        return _understood(told, kind)

    async def close(self) -> None:
        """Drop the connection; the listener isn't told."""
        self._open = self._told = False
        self._fail_all()
        if self._ending is not None:
            await self._ending
        await self._socketio.hang_up()

    def _must_be_open(self) -> None:
        if not self._open:
            raise Unreachable("Not connected.")

    # What the library tells: plain functions, so that the order of arrival is kept

    def _on_connect(self, namespace: str, *_: object) -> None:
        entered = self._entering.get(namespace)
        # An event that calls itself `connect` comes here too, but doesn't make the namespace connected.
        if entered is not None and namespace in self._socketio.namespaces:
            del self._entering[namespace]
            self._open = self._open or namespace == USER_NAMESPACE
            _settle(entered, ())

    def _on_connect_error(self, namespace: str, *told: object) -> None:
        if self._socketio.is_live:  # a connection that can't be made is told here too, in the library's words
            entered = self._entering.pop(namespace, None)
            if entered is not None:
                _end(entered, _refusal(told))

    def _on_disconnect(self, namespace: str, *_: object) -> None:
        if namespace == USER_NAMESPACE:
            self._gone("The server ended the connection.")
            return
        community_id = community_of_namespace(namespace)
        if self._open and community_id is not None and namespace in self._socketio.namespaces:
            self._fail(namespace)
            self._notify(lambda: self._listener.namespace_lost(community_id, None))

    def _on_event(self, name: str, namespace: str, *payloads: object) -> None:
        if not self._open or namespace not in self._socketio.namespaces:
            return  # on its way since before we left
        community_id = community_of_namespace(namespace)
        kind = (USER_EVENTS if community_id is None else COMMUNITY_EVENTS).get(name)
        if kind is None:
            return  # a newer server may tell more than we know
        try:
            payload = codec.convert(payloads[0] if payloads else {}, kind)
        except AsnityError as error:
            _LOG.warning("An event that can't be understood was left out (%s): %s", name, error)
            return
        self._notify(lambda: self._listener.event(community_id, name, payload))

    def _gone(self, reason: str) -> None:
        told, self._told, self._open = self._told, False, False
        self._fail_all()
        if told:
            self._ending = asyncio.ensure_future(self._socketio.hang_up())
            self._notify(lambda: self._listener.connection_lost(reason))

    def _notify(self, call: Callable[[], None]) -> None:
        """Call the listener. Its faults are its own: the library would take some of them for an old signature."""
        try:
            call()
        except Exception:
            _LOG.exception("A listener failed.")

    def _fail(self, namespace: str) -> None:
        """End what waits in one namespace."""
        entered = self._entering.pop(namespace, None)
        waiting = [each for each, where in self._asking.items() if where == namespace]
        for each in [*waiting, *([entered] if entered else [])]:
            _end(each, NoAnswer("The connection was lost before the answer came."))

    def _fail_all(self) -> None:
        for namespace in {*self._entering, *self._asking.values()}:
            self._fail(namespace)


def _settle(waited: Answer, told: object) -> None:
    """Hand over what came, unless nobody waits for it any more."""
    if not waited.done():
        waited.set_result(told)


def _end(waited: Answer, error: Exception) -> None:
    """Let a wait end with an error, which is no accident even if nobody waits any more."""
    if not waited.done():
        waited.set_exception(error)
        waited.exception()


@contextmanager
def _in_words() -> Iterator[None]:
    """Too late is no answer."""
    try:
        yield
    except TimeoutError:
        raise NoAnswer("The server did not answer in time.") from None


def _understood(told: tuple[object, ...], kind: SocketRequest[R, A]) -> A:
    """An acknowledgement as the answer of `kind`. Raises what it refuses with, or `Internal`."""
    answer = told[0] if told else None
    if isinstance(answer, dict) and (answer.get("ok") is False or answer.get("written") is False):
        raise from_info(codec.error_info(answer.get("error")))
    try:
        return codec.convert(answer, kind.answer)
    except (Invalid, TooLarge) as error:
        raise Internal(NOT_UNDERSTOOD) from error


def _refusal(told: tuple[object, ...]) -> AsnityError:
    """What a refused namespace says: `{"message", "data": {code, …}}`."""
    data = told[0].get("data") if told and isinstance(told[0], dict) else None
    return from_info(codec.error_info(data))
