"""Names that look like others' are refused where somebody could be mistaken for somebody else."""

from __future__ import annotations

import asyncio

import pytest

from asnity_server.api import channels, communities, invites
from asnity_server.api.accounts import administration, users
from asnity_server.api.accounts.sign_in import Peer
from asnity_server.protocol import requests
from asnity_server.protocol.errors import Conflict, Invalid
from tests.api.harness import ApiHarness, Person

HERE = Peer("127.0.0.1", loopback=True)
LIKE_BOB = "b\u043eb"
"""bob with a Cyrillic o."""


async def sign_up(harness: ApiHarness, username: str, **more: str) -> str:
    request = requests.SignUp(username=username, password="tangerine", **more)  # type: ignore[arg-type]
    return (await harness.api.accounts.sign_up(HERE, request)).user.id


async def rename(harness: ApiHarness, person: Person, name: str) -> str:
    return (await harness.do(person, users.patch_me, requests.PatchMe(display_name=name))).display_name


async def test_a_username_that_looks_like_another_is_refused_and_names_it(tmp_path: object) -> None:
    harness = await ApiHarness(tmp_path / "asnity.db", registration="open").open()  # type: ignore[operator]
    try:
        await sign_up(harness, "Bob")
        with pytest.raises(Conflict, match='looks like the name "Bob"') as refused:
            await sign_up(harness, LIKE_BOB)
        assert refused.value.info.field == "username"
        for free in ("bob1", "bobl", "böb", "b0b", "밥솥"):
            await sign_up(harness, free)
    finally:
        await harness.close()


async def test_the_hosts_command_refuses_it_too(harness: ApiHarness) -> None:
    await harness.person("bob")
    with pytest.raises(Conflict):
        await asyncio.to_thread(administration.add_account, harness.path, LIKE_BOB, "", "tangerine")


async def test_a_display_name_that_looks_like_somebodys_in_the_same_community_is_refused(harness: ApiHarness) -> None:
    alice, bob, mallory = await harness.people("alice", "bob", "mallory")
    await harness.community(alice, bob, mallory)
    await rename(harness, bob, "Bob Mandarin")
    for name in ("B\u043eb Mandarin", "b\u043eb", "\u0430lice"):
        with pytest.raises(Conflict, match="Choose another one") as refused:
            await rename(harness, mallory, name)
        assert refused.value.info.field == "displayName"
    with pytest.raises(Conflict, match=r'"Bob Mandarin" \(@bob\)'):
        await rename(harness, mallory, "B\u043eb Mandarin")
    assert await rename(harness, mallory, "Mallory") == "Mallory"
    # one's own names are in nobody's way, and names that were given up are free
    await rename(harness, bob, "B\u043eb")
    await rename(harness, bob, "Robert")
    assert await rename(harness, mallory, "B\u043eb Mandarin") == "B\u043eb Mandarin"


async def test_strangers_may_be_called_alike_until_they_meet(harness: ApiHarness) -> None:
    alice, bob, mallory = await harness.people("alice", "bob", "mallory")
    lab = await harness.community(alice, bob)
    await rename(harness, bob, "Bob")
    await rename(harness, mallory, "B\u043eb")
    invite = await harness.do(alice, harness.api.invites.create, requests.CreateInvite(community_id=lab.id))
    with pytest.raises(Conflict, match='looks like the name "Bob"'):
        await harness.do(mallory, invites.accept, requests.OfInvite(code=invite.code))
    await rename(harness, mallory, "Mallory")
    await harness.do(mallory, invites.accept, requests.OfInvite(code=invite.code))


async def test_who_collides_already_goes_on(harness: ApiHarness) -> None:
    alice, bob, mallory = await harness.people("alice", "bob", "mallory")
    lab = await harness.community(alice, bob, mallory)
    general = await harness.general(lab)
    await harness.database.write(
        lambda tx: tx.run(
            "UPDATE users SET username = ?, display_name = ? WHERE id = ?", (LIKE_BOB, LIKE_BOB, mallory.id)
        )
    )
    await harness.post(mallory, general, "still here")
    invite = await harness.do(alice, harness.api.invites.create, requests.CreateInvite(community_id=lab.id))
    await harness.do(mallory, invites.accept, requests.OfInvite(code=invite.code))
    await harness.do(mallory, users.patch_me, requests.PatchMe(status_text="around"))
    assert await rename(harness, mallory, "Mallory") == "Mallory"


async def test_accounts_from_before_are_looked_at_too(harness: ApiHarness) -> None:
    await harness.person("bob")
    await harness.database.write(lambda tx: tx.run("DELETE FROM looks"))
    await harness.database.write(lambda tx: tx.run("UPDATE looks_state SET rules = 'of another Unicode'"))
    with pytest.raises(Conflict):
        await harness.person(LIKE_BOB)


async def test_channels_are_told_apart_and_private_ones_not_given_away(harness: ApiHarness) -> None:
    alice, bob = await harness.people("alice", "bob")
    lab = await harness.community(alice, bob)
    await harness.channel(alice, lab, "plan")
    await harness.channel(alice, lab, "secret", kind="private")
    with pytest.raises(Conflict, match="#plan"):
        await harness.channel(bob, lab, "pl\u0430n")
    with pytest.raises(Conflict) as refused:
        await harness.channel(bob, lab, "s\u0435cret")
    assert "secret" not in str(refused.value)
    with pytest.raises(Conflict, match="#secret"):
        await harness.channel(alice, lab, "s\u0435cret")
    other = await harness.channel(alice, lab, "other")
    with pytest.raises(Conflict, match="#plan"):
        await harness.do(alice, channels.patch_channel, requests.PatchChannel(channel_id=other.id, name="pl\u0430n"))
    await harness.do(alice, channels.patch_channel, requests.PatchChannel(channel_id=other.id, name="plan1"))


@pytest.mark.parametrize("nothing", ["\u200b", "\u3164", "\u2800", "\u00ad\u2060"])
async def test_nothing_that_can_be_seen_is_no_name_of_a_community(harness: ApiHarness, nothing: str) -> None:
    alice = await harness.person("alice")
    with pytest.raises(Invalid):
        await harness.do(alice, communities.create_community, requests.CreateCommunity(name=nothing))
    with pytest.raises(Invalid):
        await rename(harness, alice, nothing)
    lab = await harness.community(alice)
    with pytest.raises(Invalid):
        await harness.post(alice, await harness.general(lab), nothing)
