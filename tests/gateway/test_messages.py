"""Messages through the gateway: stored first, then told, each once and in order."""

from __future__ import annotations

import asyncio

from tests.gateway.harness import PATIENCE, GatewayHarness


async def test_what_is_acknowledged_is_what_the_others_are_told(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    mine, hers = await harness.client(bob, lab), await harness.client(alice, lab)
    answer = await hers.say(general, "hello @bob", nonce="n1")
    assert answer["written"] is True
    assert answer["chatInfo"]["mentions"] == [bob.id]
    assert await mine.expect("new-chat") == [answer["chatInfo"]]
    assert hers.events("new-chat") == []  # the sender learns it from the acknowledgement alone


async def test_edits_and_deletions_are_told_with_the_same_id_beyond_the_hundredth(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    his, hers = await harness.client(bob, lab), await harness.client(alice, lab)
    await asyncio.gather(*(hers.say(general, f"m{number}") for number in range(105)))
    edit = {"chatType": "modify", "channelId": general, "chatId": 104, "content": "better"}
    answer = await hers.ask(lab, "chat", edit)
    assert (answer["chatInfo"]["id"], answer["chatInfo"]["content"], answer["chatInfo"]["rev"]) == (104, "better", 106)
    assert await his.expect("modify-chat") == [answer["chatInfo"]]
    answer = await hers.ask(lab, "chat", {"chatType": "delete", "channelId": general, "chatId": 104})
    assert (answer["chatInfo"]["content"], answer["chatInfo"]["rev"]) == ("", 107)
    assert await his.expect("delete-chat") == [answer["chatInfo"]]


async def test_simultaneous_messages_get_dense_ids_and_come_in_order(harness: GatewayHarness) -> None:
    people = [await harness.person(name) for name in ("alice", "bob", "carol", "dora")]
    lab = await harness.community(*people)
    general = await harness.general(lab)
    clients = [await harness.client(person, lab) for person in people]
    answers = await asyncio.gather(*(c.say(general, f"{n}") for n in range(30) for c in clients[:3]))
    assert sorted(each["chatInfo"]["id"] for each in answers) == list(range(1, 91))
    told = await clients[3].expect("new-chat", 90)
    assert [each["id"] for each in told] == list(range(1, 91))
    assert [each["rev"] for each in told] == list(range(1, 91))


async def test_one_socket_sees_acknowledgements_and_events_in_the_order_of_revs(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    his, hers = await harness.client(bob, lab), await harness.client(alice, lab)
    order: list[int] = []
    done = asyncio.Event()

    def note(rev: int) -> None:
        order.append(rev)
        if len(order) == 80:
            done.set()

    namespace = f"/socket/commu-{lab}"
    hers.sio.on("new-chat", lambda data: note(data["rev"]), namespace=namespace)
    for number in range(40):
        payload = {"chatType": "new", "channelId": general, "content": f"{number}"}
        await hers.sio.emit("chat", payload, namespace=namespace, callback=lambda a: note(a["chatInfo"]["rev"]))
        await his.sio.emit("chat", payload, namespace=namespace)
    async with asyncio.timeout(PATIENCE):
        await done.wait()
    assert sorted(order) == list(range(1, 81))
    assert order == sorted(order)


async def test_the_same_nonce_is_one_message_and_is_told_once(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    his, hers = await harness.client(bob, lab), await harness.client(alice, lab)
    first, again = await asyncio.gather(hers.say(general, "once", nonce="x"), hers.say(general, "once", nonce="x"))
    assert first == again
    other = await hers.say(general, "twice", nonce="x")
    assert other["written"] is False
    assert other["error"]["code"] == "conflict"
    await hers.say(general, "last")
    assert [each["content"] for each in await his.expect("new-chat", 2)] == ["once", "last"]


async def test_requests_of_one_socket_take_effect_in_their_order(harness: GatewayHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    general = await harness.general(lab)
    hers = await harness.client(alice, lab)
    answers = await asyncio.gather(*(hers.say(general, str(number)) for number in range(100)))
    assert [each["chatInfo"]["id"] for each in answers] == list(range(1, 101))


async def test_another_device_of_the_sender_is_told(harness: GatewayHarness) -> None:
    alice = await harness.person("alice")
    lab = await harness.community(alice)
    general = await harness.general(lab)
    desk, laptop = await harness.client(alice, lab), await harness.client(await harness.session(alice), lab)
    await desk.say(general, "from my desk")
    assert (await laptop.expect("new-chat"))[0]["content"] == "from my desk"
    assert desk.events() == [] or {each.event for each in desk.told} == {"presence"}


async def test_read_markers_go_to_my_own_devices_alone(harness: GatewayHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await harness.community(alice, bob)
    general = await harness.general(lab)
    his = await harness.client(bob, lab)
    desk, laptop = await harness.client(alice, lab), await harness.client(await harness.session(alice), lab)
    for text in ("one", "two @alice", "three"):
        await his.say(general, text)
    answer = await desk.ask(lab, "read", {"channelId": general, "readId": 1})
    assert answer == {"ok": True, "lastId": 3, "rev": 3, "readId": 1, "unread": 2, "mentions": 1}
    told = await laptop.expect("read-marker")
    assert told == [{"channelId": general, "setBack": False, **{k: v for k, v in answer.items() if k != "ok"}}]
    back = await desk.ask(lab, "read", {"channelId": general, "readId": 0})
    assert back["readId"] == 1  # only setBack moves it back
    back = await desk.ask(lab, "read", {"channelId": general, "readId": 0, "setBack": True})
    assert (back["readId"], back["unread"]) == (0, 3)
    assert (await laptop.expect("read-marker", 2))[1]["setBack"] is True
    assert desk.events("read-marker") == his.events("read-marker") == []


async def test_typing_reaches_the_others_in_the_channel_alone(harness: GatewayHarness) -> None:
    alice, bob, carol = [await harness.person(name) for name in ("alice", "bob", "carol")]
    lab = await harness.community(alice, bob, carol)
    secret = await harness.channel(alice, lab, "secret", bob)
    hers, his, other = [await harness.client(each, lab) for each in (alice, bob, carol)]
    own = await harness.client(await harness.session(alice), lab)
    assert await hers.ask(lab, "typing", {"channelId": secret}) == {"ok": True}
    assert await his.expect("typing") == [{"channelId": secret, "userId": alice.id}]
    refused = await other.ask(lab, "typing", {"channelId": secret})
    assert refused["error"]["code"] == "not-found"
    assert other.events("typing") == own.events("typing") == []
