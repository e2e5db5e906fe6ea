"""All devices of a person are told the same of where a channel stands."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asnity_server.api import overview
from asnity_server.protocol import requests
from tests.gateway.harness import GatewayHarness, Person

DEVICE, NUMBER = st.integers(0, 2), st.integers(0, 6)
STEPS = st.lists(
    st.tuples(st.just("hers"), NUMBER, st.sampled_from(["hi", "@bob", "@channel"]))
    | st.tuples(st.just("mine"), DEVICE, st.just("mine"))
    | st.tuples(st.sampled_from(["modify", "delete"]), NUMBER, st.sampled_from(["hi", "@bob", "@channel"]))
    | st.tuples(st.sampled_from(["read", "set back"]), DEVICE, NUMBER)
    | st.tuples(st.just("mute"), DEVICE, st.booleans()),
    min_size=5,
    max_size=15,
)


@settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_three_devices_stand_at_the_same_place(
    harness: GatewayHarness, steps: list[tuple[str, int, object]]
) -> None:
    alice, bob = await _somebody(harness, "alice"), await _somebody(harness, "bob")
    lab = await harness.community(alice, bob)
    plans = await harness.channel(alice, lab, "plans", bob)
    here = {"channelId": plans}
    hers = await harness.client(alice, lab)
    devices = [await harness.client(await harness.session(bob), lab) for _ in range(3)]
    told: list[list[object]] = [[], [], []]
    hers_said: list[int] = []
    for step, number, more in steps:
        if step == "hers":
            hers_said.append((await hers.say(plans, str(more)))["chatInfo"]["id"])
        elif step == "mine":
            assert (await devices[number].say(plans, str(more)))["written"] is True
        elif step in ("modify", "delete") and hers_said:
            request = {"chatType": step, **here, "chatId": hers_said[number % len(hers_said)]}
            await hers.ask(lab, "chat", {**request, "content": more} if step == "modify" else request)
        elif step in ("read", "set back"):
            request = {**here, "readId": more, **({"setBack": True} if step == "set back" else {})}
            before = (await devices[number].ask(lab, "join", {"channels": [plans]}))["joined"][0]["readId"]
            answer = await devices[number].ask(lab, "read", request)
            assert answer.pop("ok") is True
            if step == "set back" or answer["readId"] != before:
                for device in {0, 1, 2} - {number}:
                    told[device].append({**here, "setBack": step == "set back", **answer})
        elif step == "mute":
            patch = requests.PatchChannelMe(channel_id=plans, muted=bool(more))
            await harness.do(bob, overview.patch_channel_me, patch)
    compared = [(await each.ask(lab, "join", {"channels": [plans]}))["joined"] for each in devices]
    assert compared[0] == compared[1] == compared[2]
    for device, expected in zip(devices, told, strict=True):
        assert device.events("read-marker") == expected  # what a socket is told before an answer came before it
        await device.sio.disconnect()
    await hers.sio.disconnect()


async def _somebody(harness: GatewayHarness, name: str) -> Person:
    """An account, the same in all examples, on a new device."""
    rows = await harness.database.read(lambda view: view.all("SELECT id FROM users WHERE username = ?", (name,)))
    return await harness.session(Person(name, rows[0][0], "")) if rows else await harness.person(name)
