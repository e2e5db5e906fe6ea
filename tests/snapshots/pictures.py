"""The pictures in the documents, taken of the real program: `python -m tests.snapshots.pictures` makes them anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from asnity_server.protocol import routes
from asnity_server.protocol.errors import ErrorInfo
from asnity_server.protocol.models import Wire
from asnity_server.protocol.requests import Empty, OfReaction, OpenDirect, PostMessage, SetPresence
from asnity_server.protocol.routes import CHAT_NEW, PRESENCE
from asnity_tui import themes
from tests.fakes import Account, FakeClient
from tests.painted import painted
from tests.tui.app_harness import AppHarness, RunningApp, run_app

from .drawing import draw
from .shapes import shapes

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SIZE = (120, 32)


class Nobody:
    """A listener who doesn't listen."""

    def event(self, community_id: str | None, name: str, payload: Wire) -> None:
        """Nothing."""

    def namespace_lost(self, community_id: str, error: ErrorInfo | None) -> None:
        """Nothing."""

    def connection_lost(self, reason: str) -> None:
        """Nothing."""


def morning() -> AppHarness:
    """A busy morning in three communities, up to the moment when mina's terminal opens."""
    harness = AppHarness()
    server = harness.server
    everyone = (harness.mina, harness.bob, harness.minji, harness.dana)
    harness.lab = server.community("Mandarin Lab", harness.alice, *everyone)
    harness.general = server.general(harness.lab)
    server.world.channels[harness.general].topic = "Where we say hello"
    harness.random = server.channel(harness.lab, "random", harness.alice, *everyone)
    release = server.channel(harness.lab, "release", harness.alice, *everyone)
    server.channel(harness.lab, "secret", harness.alice, harness.mina, private=True)
    harness.source = server.general(server.community("Open Source", harness.bob, harness.mina))
    golang = server.general(server.community("golang", harness.dana, harness.mina))
    for other in (harness.bob, harness.dana):
        asked = OpenDirect(community_id=harness.lab, user_ids=(other.id,))
        direct = server.call(server.token(harness.mina), routes.OPEN_DIRECT, asked)
        if other is harness.bob:
            server.post(direct.id, other, "Lunch?")
    server.clock.advance(hours=-16)
    server.post(harness.general, harness.bob, "The notes for the release are half done, I go on tomorrow.")
    server.post(harness.general, harness.dana, "The build machine is asleep. See you tomorrow!")
    server.clock.advance(hours=16)
    server.post(harness.general, harness.alice, "Good morning! Did anyone try the new build?")
    host = server.post(harness.general, harness.alice, "It is on the usual host: https://example.org/build")
    server.clock.advance(minutes=1)
    answer = PostMessage(
        channel_id=harness.general, content="Works here. `asnity-server doctor` is gren", reply_to=host
    )
    works = server.call(server.token(harness.bob), routes.POST_MESSAGE, answer).id
    server.clock.advance(minutes=1)
    server.edit(harness.general, harness.bob, works, "Works here. `asnity-server doctor` is green")
    server.read(harness.general, harness.mina, server.post(harness.general, harness.mina, "Same on my laptop."))
    server.clock.advance(minutes=3)
    tangerines = server.post(harness.general, harness.minji, "귤 먹으러 올 사람?")
    for each in (harness.alice, harness.bob, harness.dana):
        asked_for = OfReaction(channel_id=harness.general, chat_id=tangerines, emoji="🍊")
        server.call(server.token(each), routes.ADD_REACTION, asked_for)
    server.post(harness.general, harness.minji, "@mina two boxes, in the kitchen")
    for number in range(4):
        server.post(harness.random, harness.bob, f"random thought {number + 1}")
    for text in ("@mina are the notes ready?", "@mina never mind, found them"):
        server.post(release, harness.alice, text)
    for number in range(3):
        server.post(harness.source, harness.bob, f"@mina question {number + 1}")
    server.post(golang, harness.dana, "gofmt is quick today")
    return harness


@asynccontextmanager
async def terminal(harness: AppHarness) -> AsyncIterator[RunningApp]:
    """Mina's terminal, with alice, 민지 and bob (away) in theirs."""
    others = [await _here(harness, each) for each in (harness.alice, harness.minji, harness.bob)]
    await others[-1].ask(None, PRESENCE, SetPresence(status="away"))
    async with run_app(harness, size=SIZE) as running:
        running.conversation.composer.cursor_blink = False
        await running.shows("online")
        await running.shows("owner")
        yield running
    for each in others:
        await each.close()


async def _here(harness: AppHarness, account: Account) -> FakeClient:
    client = FakeClient(harness.server, account)
    await client.open(Nobody())
    for community in (await client.call(routes.OVERVIEW, Empty())).communities:
        await client.enter(community.community.id)
    return client


async def conversation() -> str:
    """Draw a conversation: people, badges, a mention, something on its way."""
    harness = morning()
    async with terminal(harness) as running:
        running.session.drafts.set(next(_directs(running)), "have you seen")
        await running.shows("draft")
        await running.pilot.press(*"I bring tea", "enter")
        await running.until(lambda: "   I bring tea" in running.lines())
        harness.client.faults.hold_requests(CHAT_NEW)
        await running.pilot.press(*"on my way", "enter")
        await running.shows("… on my way")
        return _drawn(running)


def _directs(running: RunningApp) -> Iterator[str]:
    channels = running.session.store.communities[running.harness.lab].channels.values()
    names = running.session.store.title_of
    return (each.id for each in channels if each.channel.kind == "direct" and names(each) == "dana")


async def failed() -> str:
    """A message that was refused, and the keys for it."""
    harness = morning()
    async with terminal(harness) as running:
        refused = ErrorInfo(code="forbidden", message="You are muted until 10:30.")
        harness.client.faults.refuse_next(refused, CHAT_NEW)
        await running.pilot.press(*"see you there", "enter")
        await running.shows("not sent")
        harness.client.faults.hold_requests(CHAT_NEW)
        await running.pilot.press(*"on my way", "enter")
        await running.shows("… on my way")
        await running.pilot.press("escape", "k")
        return _drawn(running)


async def catch_up() -> str:
    """Draw what was missed, in all communities, with a look into one of them."""
    harness = morning()
    for text in ("How do I build it without the network?", "And on a machine with an old compiler?"):
        harness.server.post(harness.source, harness.bob, text)
    async with terminal(harness) as running:
        await running.pilot.press("alt+i")
        await running.shows("random thought 1")
        await running.pilot.press("down")
        await running.until(lambda: "question 3" in running.text() and "old compiler" in running.text())
        return _drawn(running)


def _drawn(running: RunningApp) -> str:
    return draw(painted(running.app), background=themes.DARK.background or "#000000")


PICTURES: dict[str, Callable[[], Awaitable[str]]] = {
    "conversation": conversation,
    "failed": failed,
    "catch-up": catch_up,
    "shapes": shapes,
}
"""Name of the file in `docs/pictures` and how it is taken."""


async def take(name: str) -> str:
    """A picture as SVG."""
    return await PICTURES[name]()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in PICTURES:
        (FOLDER / f"{each}.svg").write_text(asyncio.run(take(each)), encoding="utf-8")
