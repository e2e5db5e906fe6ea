"""The contract of what people do around messages: direct channels, reactions, pins, muting, presence."""

from __future__ import annotations

import pytest

from asnity_server.protocol import errors, events, limits, requests, routes
from asnity_server.protocol.models import Channel, Counters, Message, Reaction
from tests.contract.harness import Device, ServerHarness


async def pair(harness: ServerHarness) -> tuple[Device, Device, str, str]:
    """Alice and bob, connected, in one community. Its id, and that of `general`."""
    alice, bob = await harness.person("alice"), await harness.person("bob")
    community = await alice.found("Lab")
    await alice.let_in(community.id, bob)
    for each in (alice, bob):
        await each.open(community.id)
    return alice, bob, community.id, await alice.general(community.id)


async def direct(me: Device, community_id: str, *others: Device) -> Channel:
    request = requests.OpenDirect(community_id=community_id, user_ids=tuple(each.user.id for each in others))
    return await me.call(routes.OPEN_DIRECT, request)


async def react(me: Device, message: Message, emoji: str, on: bool = True) -> Message:
    request = requests.React(channel_id=message.channel_id, chat_id=message.id, emoji=emoji, on=on)
    return (await me.ask(message.community_id, routes.REACT, request)).chat_info


async def test_a_direct_channel_is_found_or_made(harness: ServerHarness) -> None:
    alice, bob, here, _ = await pair(harness)
    made = await direct(alice, here, bob)
    assert (made.kind, made.name, made.members) == ("direct", "", tuple(sorted((alice.user.id, bob.user.id))))
    await alice.heard.get("invited-to-channel", events.InvitedToChannel)
    await alice.say(made.id, "between us")
    told = await bob.heard.get("invited-to-channel", events.InvitedToChannel)
    assert told.channel == made
    assert {each.username for each in told.users.values()} == {"alice", "bob"}
    assert await direct(bob, here, alice) == made
    assert (await bob.heard.message()).content == "between us"
    found = await bob.call(routes.COMMUNITY_OVERVIEW, requests.OfCommunity(community_id=here))
    entry = next(each for each in found.channels if each.channel.id == made.id)
    assert (entry.channel, entry.counters.unread) == (made, 1)
    assert set(found.users) == {alice.user.id, bob.user.id}
    listed = await bob.call(routes.CHANNELS, requests.OfCommunityPage(community_id=here))
    assert [each.name for each in listed.channels] == ["general"]


async def test_a_direct_channel_takes_other_members(harness: ServerHarness) -> None:
    alice, _, here, _ = await pair(harness)
    eve = await harness.person("eve")
    for wrong, refusal in (((alice,), errors.Invalid), ((eve,), errors.NotFound)):
        with pytest.raises(refusal):
            await direct(alice, here, *wrong)
    with pytest.raises(errors.NotFound):
        await direct(eve, here, alice)


async def test_a_direct_channel_stays_as_it_is(harness: ServerHarness) -> None:
    alice, bob, here, _ = await pair(harness)
    made = await direct(alice, here, bob)
    for route in (routes.ADD_CHANNEL_MEMBER, routes.REMOVE_CHANNEL_MEMBER):
        with pytest.raises(errors.Forbidden):
            await alice.call(route, requests.OfChannelMember(channel_id=made.id, user_id=bob.user.id))
    with pytest.raises(errors.Forbidden):
        await alice.ask(here, routes.INVITE_USERS, requests.InviteUsers(channel_id=made.id, users=(bob.user.id,)))
    with pytest.raises(errors.Forbidden):
        await alice.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=here, channel_id=made.id))


async def test_who_comes_back_finds_the_direct_channel_again(harness: ServerHarness) -> None:
    alice, bob, here, _ = await pair(harness)
    made = await direct(alice, here, bob)
    await bob.call(routes.REMOVE_MEMBER, requests.RemoveMember(community_id=here, user_id="me"))
    with pytest.raises(errors.NotFound):
        await bob.call(routes.HISTORY, requests.History(channel_id=made.id))
    assert await alice.call(routes.CHANNEL, requests.OfChannel(channel_id=made.id)) == made
    found = await alice.call(routes.COMMUNITY_OVERVIEW, requests.OfCommunity(community_id=here))
    assert found.users[bob.user.id].former
    await alice.say(made.id, "while you were gone")
    await alice.let_in(here, bob)
    page = await bob.call(routes.HISTORY, requests.History(channel_id=made.id))
    assert [each.content for each in page.messages] == ["while you were gone"]
    assert (await bob.call(routes.COUNTERS, requests.OfChannel(channel_id=made.id))).unread == 0


async def test_reactions_are_told_and_kept(harness: ServerHarness) -> None:
    alice, bob, _, general = await pair(harness)
    message = await alice.say(general, "done")
    changed = await react(bob, message, "❤")
    assert changed.reactions == {"❤️": Reaction(count=1, users=(bob.user.id,))}
    assert (changed.rev, changed.updated_at) == (2, message.updated_at)
    told = await alice.heard.get("reaction-chat", events.ReactionChat)
    assert told == events.ReactionChat(channel_id=general, chat_id=1, rev=2, reactions=changed.reactions)
    assert await react(bob, message, "❤️") == changed
    both = await alice.call(routes.ADD_REACTION, requests.OfReaction(channel_id=general, chat_id=1, emoji="❤️"))
    assert both.reactions == {"❤️": Reaction(count=2, users=(bob.user.id, alice.user.id))}
    page = await bob.call(routes.HISTORY, requests.History(channel_id=general))
    assert page.messages == (both,)
    missed = await bob.call(routes.CHANGES, requests.Changes(channel_id=general, since=1))
    assert missed.messages == (both,)
    less = await bob.call(routes.REMOVE_REACTION, requests.OfReaction(channel_id=general, chat_id=1, emoji="❤️"))
    assert (less.reactions["❤️"].users, less.rev) == ((alice.user.id,), 4)
    assert (await react(alice, message, "❤️", on=False)).reactions == {}


async def test_everybody_who_set_a_reaction_is_told_in_parts(harness: ServerHarness) -> None:
    alice, bob, here, general = await pair(harness)
    message = await alice.say(general, "done")
    crowd = [await harness.person(f"person{number}") for number in range(3)]
    await alice.let_in(here, *crowd)
    for each in (bob, alice, *crowd):
        await each.call(routes.ADD_REACTION, requests.OfReaction(channel_id=general, chat_id=message.id, emoji="👍"))
    wanted = [each.user.id for each in (bob, alice, *crowd)]
    await crowd[0].call(routes.REMOVE_MEMBER, requests.RemoveMember(community_id=here, user_id="me"))
    about = {"channel_id": general, "chat_id": message.id}
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await bob.call(routes.REACTORS, requests.OfReactionPage(**about, emoji="👍", limit=2, cursor=cursor))
        found += page.reactors
        assert set(page.users) == set(page.reactors)
        assert [each.id for each in page.users.values() if each.former] == sorted({wanted[2]} & set(page.reactors))
        if not isinstance(page.cursor, str):
            break
        cursor = page.cursor
    assert found == wanted
    nobody = await bob.call(routes.REACTORS, requests.OfReactionPage(**about, emoji="😀"))
    assert (nobody.reactors, nobody.users) == ((), {})
    with pytest.raises(errors.Invalid):
        await bob.call(routes.REACTORS, requests.OfReactionPage(**about, emoji="👍", cursor="x"))
    with pytest.raises(errors.NotFound):
        await bob.call(routes.REACTORS, requests.OfReactionPage(channel_id=general, chat_id=9, emoji="👍"))
    stranger = await harness.person("stranger")
    with pytest.raises(errors.NotFound):
        await stranger.call(routes.REACTORS, requests.OfReactionPage(**about, emoji="👍"))


async def test_a_reply_calls_who_is_answered(harness: ServerHarness) -> None:
    alice, bob, here, general = await pair(harness)
    asked = await bob.say(general, "who knows?")

    async def reply(me: Device, text: str, to: Message) -> Message:
        request = requests.NewChat(channel_id=general, content=text, reply_to=to.id)
        return (await me.ask(here, routes.CHAT_NEW, request)).chat_info

    async def mentions(who: Device) -> int:
        return (await who.call(routes.COUNTERS, requests.OfChannel(channel_id=general))).mentions

    answer = await reply(alice, "I do", asked)
    assert answer.mentions == (bob.user.id,)
    assert (await bob.heard.message()).mentions == (bob.user.id,)
    assert await mentions(bob) == 1
    assert (await reply(alice, "and @bob, you too", asked)).mentions == (bob.user.id,)  # once, however often
    assert await mentions(bob) == 2
    assert (await reply(alice, "so do I", answer)).mentions == ()  # nobody calls themselves by answering
    edit = requests.ModifyChat(channel_id=general, chat_id=answer.id, content="I did")
    assert (await alice.ask(here, routes.CHAT_MODIFY, edit)).chat_info.mentions == (bob.user.id,)
    await alice.ask(here, routes.CHAT_DELETE, requests.DeleteChat(channel_id=general, chat_id=answer.id))
    assert await mentions(bob) == 1
    await bob.call(routes.REMOVE_MEMBER, requests.RemoveMember(community_id=here, user_id="me"))
    assert (await reply(alice, "gone?", asked)).mentions == ()


@pytest.mark.parametrize("name", ["channel", "here", "everyone", "all", "Everyone", "ALL"])
async def test_every_usual_name_for_everybody_calls_everybody(harness: ServerHarness, name: str) -> None:
    alice, bob, _, general = await pair(harness)
    message = await alice.say(general, f"@{name}: lunch")
    assert (message.mentions_all, message.mentions) == (True, ())
    assert (await bob.call(routes.COUNTERS, requests.OfChannel(channel_id=general))).mentions == 1


async def test_reactions_that_can_not_be(harness: ServerHarness) -> None:
    alice, bob, here, general = await pair(harness)
    message = await alice.say(general, "done")
    with pytest.raises(errors.Invalid):
        await react(bob, message, "nice")
    for number in range(limits.REACTIONS):
        await react(alice, message, chr(0x1F600 + number))
    with pytest.raises(errors.Conflict):
        await react(bob, message, "👍")
    await alice.ask(here, routes.CHAT_DELETE, requests.DeleteChat(channel_id=general, chat_id=1))
    assert (await bob.heard.message("delete-chat")).reactions == {}
    with pytest.raises(errors.NotFound):
        await react(bob, message, "😀")


async def test_pins(harness: ServerHarness) -> None:
    alice, bob, _, general = await pair(harness)
    first, second = await alice.say(general, "one"), await bob.say(general, "two")
    pin = {each.id: requests.OfMessage(channel_id=general, chat_id=each.id) for each in (first, second)}
    with pytest.raises(errors.Forbidden):
        await bob.call(routes.PIN, pin[1])
    pinned = await alice.call(routes.PIN, pin[2])
    assert (pinned.pinned, pinned.rev, pinned.updated_at) == (True, 3, second.updated_at)
    assert await bob.heard.message("modify-chat") == pinned
    assert await alice.call(routes.PIN, pin[2]) == pinned
    await alice.call(routes.PIN, pin[1])
    found = await bob.call(routes.PINS, requests.OfChannel(channel_id=general))
    assert [each.id for each in found.messages] == [1, 2]
    assert set(found.users) == {alice.user.id, bob.user.id}
    assert not (await alice.call(routes.UNPIN, pin[1])).pinned
    found = await bob.call(routes.PINS, requests.OfChannel(channel_id=general))
    assert [each.id for each in found.messages] == [2]


async def test_muting_reaches_my_devices(harness: ServerHarness) -> None:
    alice, bob, here, general = await pair(harness)
    phone = await harness.device("bob")
    await phone.open(here)
    await alice.say(general, "@bob")
    entry = await bob.call(routes.PATCH_CHANNEL_ME, requests.PatchChannelMe(channel_id=general, muted=True))
    assert (entry.channel.id, entry.muted, entry.counters.unread, entry.counters.mentions) == (general, True, 1, 1)
    told = await phone.heard.get("channel-me", events.ChannelMe)
    assert told == events.ChannelMe(channel_id=general, muted=True)
    found = await phone.call(routes.OVERVIEW, requests.Empty())
    assert found.communities[0].channels[0].muted
    assert alice.heard.payloads("channel-me") == []


async def test_what_is_marked_unread_stays_so_on_every_device(harness: ServerHarness) -> None:
    alice, bob, here, general = await pair(harness)
    phone = await harness.device("bob")
    await phone.open(here)
    for number in range(3):
        await alice.say(general, f"{number}")

    async def read(read_id: int, set_back: bool) -> Counters:
        request = requests.MoveReadMarker(channel_id=general, read_id=read_id, set_back=set_back)
        return await bob.ask(here, routes.READ, request)

    await read(3, False)
    assert (await read(1, True)).unread == 2
    assert (await phone.heard.get("read-marker", events.ReadMarker, 2)).set_back
    await read(1, True)
    told = await phone.heard.get("read-marker", events.ReadMarker, 3)
    assert (told.read_id, told.set_back, told.unread) == (1, True, 2)
    assert bob.heard.payloads("read-marker") == []


@pytest.mark.slow
async def test_a_person_is_as_present_as_the_liveliest_device(harness: ServerHarness) -> None:
    alice, bob, here, _ = await pair(harness)
    phone, tablet = await harness.device("bob"), await harness.device("bob")
    for each in (phone, tablet):
        await each.open(here)

    async def seen(status: str) -> None:
        def told() -> bool:
            changes = [each.changes for each in alice.heard.payloads("presence")]  # type: ignore[attr-defined]
            return [each[bob.user.id] for each in changes if bob.user.id in each][-1:] == [status]

        await alice.heard.until(told, f"bob {status}")

    await seen("online")
    for each in (bob, phone):
        await each.ask(None, routes.PRESENCE, requests.SetPresence(status="away"))
    assert (await alice.join(here)).presence[bob.user.id] == "online"
    await tablet.ask(None, routes.PRESENCE, requests.SetPresence(status="away"))
    await seen("away")
    assert (await alice.join(here)).presence[bob.user.id] == "away"
    await phone.ask(None, routes.PRESENCE, requests.SetPresence(status="online"))
    await seen("online")
    for each in (phone, tablet):
        await each.client.close()
    await seen("away")
    await bob.client.close()
    await seen("offline")
    assert bob.user.id not in (await alice.join(here)).presence


async def test_search_finds_what_one_may_read(harness: ServerHarness) -> None:
    alice, bob, here, general = await pair(harness)
    secret = await alice.channel(here, "secret", private=True)
    first = await bob.say(general, "안녕하세요 meeting")
    await alice.say(secret, "a secret Meeting")
    last = await alice.say(general, "the meeting is over")

    async def found(me: Device, **how: object) -> list[str]:
        request = requests.Search(**{"q": "meeting", **how})  # type: ignore[arg-type]
        return [each.message.content for each in (await me.call(routes.SEARCH, request)).results]

    assert await found(alice) == ["the meeting is over", "a secret Meeting", "안녕하세요 meeting"]
    assert await found(bob) == ["the meeting is over", "안녕하세요 meeting"]
    assert await found(alice, sender_id=alice.user.id, channel_id=general) == ["the meeting is over"]
    assert await found(alice, channel_id=secret) == ["a secret Meeting"]
    assert await found(bob, q="하세") == ["안녕하세요 meeting"]
    assert await found(bob, q="meet ov") == ["the meeting is over"]
    assert await found(bob, q='"meet"') == []
    assert await found(bob, q="", channel_id=general) == ["the meeting is over", "안녕하세요 meeting"]
    assert await found(alice, q="", sender_id=alice.user.id) == ["the meeting is over", "a secret Meeting"]
    assert await found(alice, q=" ", after=first.created_at, before=first.created_at) == []
    with pytest.raises(errors.Invalid, match="Enter a word to search for"):
        await found(bob, q="")
    with pytest.raises(errors.NotFound):
        await found(bob, q="", channel_id=secret)
    assert await found(bob, after=last.created_at, before=last.created_at) == []
    with pytest.raises(errors.NotFound):
        await found(bob, channel_id=secret)
    with pytest.raises(errors.Invalid):
        await found(bob, q="...")
    answer = await bob.call(routes.SEARCH, requests.Search(q="MEETING", community_id=here, limit=1))
    assert answer.results[0].message == last
    assert answer.results[0].channel.id == general
    assert answer.results[0].snippet == "the \x02meeting\x03 is over"
    assert set(answer.users) == {alice.user.id}
    assert isinstance(answer.cursor, str)
    rest = await bob.call(routes.SEARCH, requests.Search(q="MEETING", community_id=here, limit=1, cursor=answer.cursor))
    assert [each.message for each in rest.results] == [first]
    edit = requests.ModifyChat(channel_id=general, chat_id=last.id, content="the party is over")
    await alice.ask(here, routes.CHAT_MODIFY, edit)
    await bob.ask(here, routes.CHAT_DELETE, requests.DeleteChat(channel_id=general, chat_id=first.id))
    assert await found(bob) == []
    assert await found(bob, q="party") == ["the party is over"]
