"""Names that look like others' are refused where somebody could be mistaken for somebody else."""

from __future__ import annotations

import asyncio

import pytest

from asnity_server.api import channels, communities, invites
from asnity_server.api.accounts import administration, users
from asnity_server.api.accounts.sign_in import Peer
from asnity_server.protocol import requests
from asnity_server.protocol.errors import Conflict, Invalid

from .house import House, Person

HERE = Peer("127.0.0.1", loopback=True)
LIKE_BOB = "b\u043eb"
"""bob with a Cyrillic o."""


async def sign_up(house: House, username: str, **more: str) -> str:
    request = requests.SignUp(username=username, password="tangerine", **more)  # type: ignore[arg-type]
    return (await house.api.accounts.sign_up(HERE, request)).user.id


async def rename(house: House, person: Person, name: str) -> str:
    return (await house.do(person, users.patch_me, requests.PatchMe(display_name=name))).display_name


async def test_a_username_that_looks_like_another_is_refused_and_names_it(tmp_path: object) -> None:
    house = await House(tmp_path / "asnity.db", registration="open").open()  # type: ignore[operator]
    try:
        await sign_up(house, "Bob")
        with pytest.raises(Conflict, match='looks like the name "Bob"') as refused:
            await sign_up(house, LIKE_BOB)
        assert refused.value.info.field == "username"
        for free in ("bob1", "bobl", "böb", "b0b", "밥솥"):
            await sign_up(house, free)
    finally:
        await house.close()


async def test_the_hosts_command_refuses_it_too(house: House) -> None:
    await house.person("bob")
    with pytest.raises(Conflict):
        await asyncio.to_thread(administration.add_account, house.path, LIKE_BOB, "", "tangerine")


async def test_a_display_name_that_looks_like_somebodys_in_the_same_community_is_refused(house: House) -> None:
    alice, bob, mallory = await house.people("alice", "bob", "mallory")
    await house.community(alice, bob, mallory)
    await rename(house, bob, "Bob Mandarin")
    for name in ("B\u043eb Mandarin", "b\u043eb", "\u0430lice"):
        with pytest.raises(Conflict, match="Choose another one") as refused:
            await rename(house, mallory, name)
        assert refused.value.info.field == "displayName"
    with pytest.raises(Conflict, match=r'"Bob Mandarin" \(@bob\)'):
        await rename(house, mallory, "B\u043eb Mandarin")
    assert await rename(house, mallory, "Mallory") == "Mallory"
    # one's own names are in nobody's way, and names that were given up are free
    await rename(house, bob, "B\u043eb")
    await rename(house, bob, "Robert")
    assert await rename(house, mallory, "B\u043eb Mandarin") == "B\u043eb Mandarin"


async def test_strangers_may_be_called_alike_until_they_meet(house: House) -> None:
    alice, bob, mallory = await house.people("alice", "bob", "mallory")
    lab = await house.community(alice, bob)
    await rename(house, bob, "Bob")
    await rename(house, mallory, "B\u043eb")
    invite = await house.do(alice, house.api.invites.create, requests.CreateInvite(community_id=lab.id))
    with pytest.raises(Conflict, match='looks like the name "Bob"'):
        await house.do(mallory, invites.accept, requests.OfInvite(code=invite.code))
    await rename(house, mallory, "Mallory")
    await house.do(mallory, invites.accept, requests.OfInvite(code=invite.code))


async def test_who_collides_already_goes_on(house: House) -> None:
    alice, bob, mallory = await house.people("alice", "bob", "mallory")
    lab = await house.community(alice, bob, mallory)
    general = await house.general(lab)
    await house.database.write(
        lambda tx: tx.run(
            "UPDATE users SET username = ?, display_name = ? WHERE id = ?", (LIKE_BOB, LIKE_BOB, mallory.id)
        )
    )
    await house.post(mallory, general, "still here")
    invite = await house.do(alice, house.api.invites.create, requests.CreateInvite(community_id=lab.id))
    await house.do(mallory, invites.accept, requests.OfInvite(code=invite.code))
    await house.do(mallory, users.patch_me, requests.PatchMe(status_text="around"))
    assert await rename(house, mallory, "Mallory") == "Mallory"


async def test_accounts_from_before_are_looked_at_too(house: House) -> None:
    await house.person("bob")
    await house.database.write(lambda tx: tx.run("DELETE FROM looks"))
    await house.database.write(lambda tx: tx.run("UPDATE looks_state SET rules = 'of another Unicode'"))
    with pytest.raises(Conflict):
        await house.person(LIKE_BOB)


async def test_channels_are_told_apart_and_private_ones_not_given_away(house: House) -> None:
    alice, bob = await house.people("alice", "bob")
    lab = await house.community(alice, bob)
    await house.channel(alice, lab, "plan")
    await house.channel(alice, lab, "secret", kind="private")
    with pytest.raises(Conflict, match="#plan"):
        await house.channel(bob, lab, "pl\u0430n")
    with pytest.raises(Conflict) as refused:
        await house.channel(bob, lab, "s\u0435cret")
    assert "secret" not in str(refused.value)
    with pytest.raises(Conflict, match="#secret"):
        await house.channel(alice, lab, "s\u0435cret")
    other = await house.channel(alice, lab, "other")
    with pytest.raises(Conflict, match="#plan"):
        await house.do(alice, channels.patch_channel, requests.PatchChannel(channel_id=other.id, name="pl\u0430n"))
    await house.do(alice, channels.patch_channel, requests.PatchChannel(channel_id=other.id, name="plan1"))


@pytest.mark.parametrize("nothing", ["\u200b", "\u3164", "\u2800", "\u00ad\u2060"])
async def test_nothing_that_can_be_seen_is_no_name_of_a_community(house: House, nothing: str) -> None:
    alice = await house.person("alice")
    with pytest.raises(Invalid):
        await house.do(alice, communities.create_community, requests.CreateCommunity(name=nothing))
    with pytest.raises(Invalid):
        await rename(house, alice, nothing)
    lab = await house.community(alice)
    with pytest.raises(Invalid):
        await house.post(alice, await house.general(lab), nothing)
