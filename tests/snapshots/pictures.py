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
from tests.tui.stage import Play, Stage, play

from .drawing import draw

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


def morning() -> Stage:
    """A busy morning in three communities, up to the moment when mina's terminal opens."""
    stage = Stage()
    server = stage.server
    everyone = (stage.mina, stage.bob, stage.minji, stage.dana)
    stage.lab = server.community("Mandarin Lab", stage.alice, *everyone)
    stage.general = server.general(stage.lab)
    server.world.channels[stage.general].topic = "Where we say hello"
    stage.random = server.channel(stage.lab, "random", stage.alice, *everyone)
    release = server.channel(stage.lab, "release", stage.alice, *everyone)
    server.channel(stage.lab, "secret", stage.alice, stage.mina, private=True)
    stage.source = server.general(server.community("Open Source", stage.bob, stage.mina))
    golang = server.general(server.community("golang", stage.dana, stage.mina))
    for other in (stage.bob, stage.dana):
        asked = OpenDirect(community_id=stage.lab, user_ids=(other.id,))
        direct = server.call(server.token(stage.mina), routes.OPEN_DIRECT, asked)
        if other is stage.bob:
            server.post(direct.id, other, "Lunch?")
    server.clock.advance(hours=-16)
    server.post(stage.general, stage.bob, "The notes for the release are half done, I go on tomorrow.")
    server.post(stage.general, stage.dana, "The build machine is asleep. See you tomorrow!")
    server.clock.advance(hours=16)
    server.post(stage.general, stage.alice, "Good morning! Did anyone try the new build?")
    host = server.post(stage.general, stage.alice, "It is on the usual host: https://example.org/build")
    server.clock.advance(minutes=1)
    answer = PostMessage(channel_id=stage.general, content="Works here. `asnity-server doctor` is gren", reply_to=host)
    works = server.call(server.token(stage.bob), routes.POST_MESSAGE, answer).id
    server.clock.advance(minutes=1)
    server.edit(stage.general, stage.bob, works, "Works here. `asnity-server doctor` is green")
    server.read(stage.general, stage.mina, server.post(stage.general, stage.mina, "Same on my laptop."))
    server.clock.advance(minutes=3)
    tangerines = server.post(stage.general, stage.minji, "귤 먹으러 올 사람?")
    for each in (stage.alice, stage.bob, stage.dana):
        asked_for = OfReaction(channel_id=stage.general, chat_id=tangerines, emoji="🍊")
        server.call(server.token(each), routes.ADD_REACTION, asked_for)
    server.post(stage.general, stage.minji, "@mina two boxes, in the kitchen")
    for number in range(4):
        server.post(stage.random, stage.bob, f"random thought {number + 1}")
    for text in ("@mina are the notes ready?", "@mina never mind, found them"):
        server.post(release, stage.alice, text)
    for number in range(3):
        server.post(stage.source, stage.bob, f"@mina question {number + 1}")
    server.post(golang, stage.dana, "gofmt is quick today")
    return stage


@asynccontextmanager
async def terminal(stage: Stage) -> AsyncIterator[Play]:
    """Mina's terminal, with alice, 민지 and bob (away) in theirs."""
    others = [await _here(stage, each) for each in (stage.alice, stage.minji, stage.bob)]
    await others[-1].ask(None, PRESENCE, SetPresence(status="away"))
    async with play(stage, size=SIZE) as running:
        running.conversation.composer.cursor_blink = False
        await running.shows("online")
        await running.shows("owner")
        yield running
    for each in others:
        await each.close()


async def _here(stage: Stage, account: Account) -> FakeClient:
    client = FakeClient(stage.server, account)
    await client.open(Nobody())
    for community in (await client.call(routes.OVERVIEW, Empty())).communities:
        await client.enter(community.community.id)
    return client


async def conversation() -> str:
    """What the program is like: people, badges, a mention, something on its way."""
    stage = morning()
    async with terminal(stage) as running:
        running.session.set_draft(next(_directs(running)), "have you seen")
        await running.shows("draft")
        await running.pilot.press(*"I bring tea", "enter")
        await running.until(lambda: "   I bring tea" in running.lines())
        stage.client.faults.hold_requests(CHAT_NEW)
        await running.pilot.press(*"on my way", "enter")
        await running.shows("… on my way")
        return _drawn(running)


def _directs(running: Play) -> Iterator[str]:
    channels = running.session.store.communities[running.stage.lab].channels.values()
    names = running.session.store.title_of
    return (each.id for each in channels if each.channel.kind == "direct" and names(each) == "dana")


async def failed() -> str:
    """A message that was refused, and the keys for it."""
    stage = morning()
    async with terminal(stage) as running:
        refused = ErrorInfo(code="forbidden", message="You are muted until 10:30.")
        stage.client.faults.refuse_next(refused, CHAT_NEW)
        await running.pilot.press(*"see you there", "enter")
        await running.shows("not sent")
        stage.client.faults.hold_requests(CHAT_NEW)
        await running.pilot.press(*"on my way", "enter")
        await running.shows("… on my way")
        await running.pilot.press("escape", "k")
        return _drawn(running)


async def catch_up() -> str:
    """What was missed, in all communities, with a look into one of them."""
    stage = morning()
    for text in ("How do I build it without the network?", "And on a machine with an old compiler?"):
        stage.server.post(stage.source, stage.bob, text)
    async with terminal(stage) as running:
        await running.pilot.press("alt+i")
        await running.shows("random thought 1")
        await running.pilot.press("down")
        await running.until(lambda: "question 3" in running.text() and "old compiler" in running.text())
        return _drawn(running)


def _drawn(running: Play) -> str:
    return draw(painted(running.app), background=themes.DARK.background or "#000000")


PICTURES: dict[str, Callable[[], Awaitable[str]]] = {
    "conversation": conversation,
    "failed": failed,
    "catch-up": catch_up,
}
"""Name of the file in `docs/pictures` and how it is taken."""


async def take(name: str) -> str:
    """A picture as SVG."""
    return await PICTURES[name]()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in PICTURES:
        (FOLDER / f"{each}.svg").write_text(asyncio.run(take(each)), encoding="utf-8")
