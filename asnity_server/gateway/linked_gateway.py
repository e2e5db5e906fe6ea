"""The linked gateway: moves a gateway by what its link tells, and mends after breaks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

from asnity_server.bus import Commit
from asnity_server.link import frames
from asnity_server.protocol.errors import AsnityError
from asnity_server.protocol.ids import community_of_namespace, namespace_of
from asnity_server.protocol.models import Presence

from .gateway import Gateway
from .mending import Mending
from .remote_backend import RemoteBackend
from .sequence import Recovery

log = logging.getLogger(__name__)


class LinkedGateway:
    """Implements `LinkListener` for a gateway in a program of its own."""

    def __init__(self, gateway: Gateway, backend: RemoteBackend) -> None:
        self._gateway = gateway
        self.mending = Mending(gateway.rooms, gateway.dispatcher, backend)
        self._backend = backend
        gateway.presence.announce = self._report_presence
        self._tasks: set[asyncio.Task[None]] = set()

    def receive(self, commit: Commit) -> None:
        """See `LinkListener`."""
        self.mending.revs.note(commit)
        self._gateway.dispatcher.receive(commit)

    def sessions(self) -> Mapping[str, str]:
        """See `LinkListener`."""
        return self._gateway.rooms.sessions()

    def communities(self) -> AbstractSet[str]:
        """See `LinkListener`."""
        found = map(community_of_namespace, self._gateway.rooms.namespaces())
        return {community_id for community_id in found if community_id is not None}

    def keep_only(self, communities: AbstractSet[str]) -> None:
        """See `LinkListener`."""
        self.mending.revs.keep_only(communities)
        self._gateway.presence.keep_only({namespace_of(each) for each in communities})

    def linked(self, recovery: Recovery) -> None:
        """See `LinkListener`."""
        if recovery == "reset":
            log.warning("the server has another history than before: everybody connects again")
            self.mending.reset()
            self._gateway.close_all()
            return
        for namespace in self._gateway.presence.namespaces():
            community_id = community_of_namespace(namespace)
            assert community_id is not None, "nobody is present in one's own namespace"
            self._backend.link.say(frames.Here(community_id, self._gateway.presence.here(namespace), True))

    def mend(self, since: int, done: Callable[[bool], None]) -> None:
        """See `LinkListener`."""
        self.mending.begin(since=since, done=done)

    def here(self, here: frames.Here) -> None:
        """See `LinkListener`."""
        namespace = namespace_of(here.community_id)
        changes = self._gateway.presence.learn(namespace, here.people, complete=here.complete)
        if changes:
            self._gateway.dispatcher.announce_presence(namespace, changes)

    def _report_presence(self, namespace: str, changes: dict[str, Presence]) -> None:
        """Tell the API, which tells all gateways, this one included: they all announce the same."""
        community_id = community_of_namespace(namespace)
        if community_id is not None:
            self._backend.link.say(frames.Here(community_id, changes, False))

    def sessions_may_have_ended(self) -> None:
        """See `LinkListener`."""
        task = asyncio.get_running_loop().create_task(self._revalidate(), name="asnity-revalidate")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _revalidate(self) -> None:
        try:
            await self._gateway.revalidate()
        except AsnityError as error:
            log.warning("it is not known which sessions have ended: %s", error)
