"""Completes the word that is being written in the composer: by the list of what may be meant, or by Tab."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from msgspec.structs import replace
from textual.widget import Widget

from asnity_server.protocol.models import Channel, User
from asnity_server.protocol.text import CALLS_ALL
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import REQUEST_ERRORS
from asnity_tui.commands import slash
from asnity_tui.commands.slash import SlashOffer
from asnity_tui.state.channel import ChannelState
from asnity_tui.state.community import CommunityState
from asnity_tui.state.completion import tab_completion, tokens
from asnity_tui.state.completion.emoji_names import EmojiNames
from asnity_tui.state.completion.tab_completion import CompletionCycle
from asnity_tui.state.completion.tokens import Completion, CompletionToken
from asnity_tui.state.rights import rights_at
from asnity_tui.state.rows import Row
from asnity_tui.widgets.composer import Composer
from asnity_tui.widgets.list_pane import ListEntry, ListPane
from asnity_tui.widgets.text.cell_width import fit
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import marked, spans, width_of_spans

from .open_channel import OpenChannel

_JOIN = re.compile(r"/j(oin)? ", re.IGNORECASE)

LOOKED_THROUGH_MAX = 1_000
"""Channels that are looked through at most."""

FEW = 4
"""Rows that the list has in the lowest terminal."""

MINE = 20
"""How many emoji that I use come first."""


class PublicChannels:
    """Public channels that I am not in, loaded for the command that is being written, and forgotten with it."""

    def __init__(self, session: Session, owner: Widget, then: Callable[[], None]) -> None:
        """`owner` runs the loading; `then` is told when there is something."""
        self._session = session
        self._owner = owner
        self._then = then
        self._found: dict[str, Sequence[Channel]] = {}
        self._asked: set[str] = set()

    def forget(self) -> None:
        """Load them again for another command."""
        self._asked.clear()
        self._found.clear()

    def of(self, community_id: str) -> Sequence[Channel]:
        """List those of a community; none until they are loaded."""
        if community_id not in self._asked and self._session.connection.status == "online":
            self._asked.add(community_id)
            self._owner.run_worker(self._load(community_id), group="public-channels", exit_on_error=False)
        return [each for each in self._found.get(community_id, ()) if self._session.store.channel(each.id) is None]

    async def _load(self, community_id: str) -> None:
        found: list[Channel] = []
        seen = 0
        try:
            async for page in self._session.channels.pages(community_id):
                found += [each for each in page.channels if each.kind == "public" and each.id not in page.joined]
                seen += len(page.channels)
                if not page.channels or seen >= LOOKED_THROUGH_MAX:
                    break
        except REQUEST_ERRORS:
            return  # it can still be typed, and Enter says what is wrong
        self._found[community_id] = found
        self._then()


class Autocomplete:
    """Looks at the composer after each change, and fills a list below the messages."""

    def __init__(
        self,
        session: Session,
        channel: OpenChannel,
        composer: Composer,
        pane: ListPane,
        *,
        names: Callable[[], EmojiNames | None],
        want_members: Callable[[str], None],
        want_people: Callable[[str], None],
        commands: Callable[[], Sequence[SlashOffer]],
    ) -> None:
        """`commands` answers the slash commands that are offered where the person is.

        `names` answers None, and has them loaded, until they are; `want_members` has those of a community loaded,
        `want_people` those of a channel.
        """
        self._session = session
        self._channel = channel
        self._composer = composer
        self._pane = pane
        self._names = names
        self._want_members = want_members
        self._want_people = want_people
        self._commands = commands
        self._choices: tuple[Completion, ...] = ()
        self._token: CompletionToken | None = None
        self._turn: CompletionCycle | None = None
        """The word as the last Tab completed it."""
        self._wanted: tuple[str, int, int] | None = None
        """A text, where its cursor is, and a direction: Tab waits for what the word there may become."""
        self._public = PublicChannels(session, composer, self.look)
        self._closed: tuple[str, int] | None = None
        """For which word nothing is to be offered any more: its sign and where it begins."""
        pane.can_focus = False
        pane.cursor_always = True

    def look(self) -> None:
        """See what is to be offered: the text or the cursor changed, or more is known."""
        composer = self._composer
        if not composer.text:
            self._public.forget()
        wanted, self._wanted = self._wanted, None
        if wanted is not None and wanted[:2] == (composer.text, composer.at):
            self.turn(wanted[2])
        selected = composer.selection.start != composer.selection.end
        token = tokens.token_at(composer.text, composer.at) if not selected and composer.has_focus else None
        if token is None or (token.kind, token.start) != self._closed:
            self._closed = None
            self._offer(token, self._found(token) if token is not None else ())
        else:
            self._offer(token, ())

    def _offer(self, token: CompletionToken | None, choices: tuple[Completion, ...]) -> None:
        composer, pane = self._composer, self._pane
        if (token, choices) == (self._token, self._choices) and composer.offering == bool(choices):
            return
        self._token, self._choices = token, choices
        composer.offering = bool(choices)
        there = composer.text[token.start : token.end] if token is not None else ""
        whole = token is not None and token.kind == "/" and slash.is_known(there[1:], self._commands())
        composer.enter_takes = bool(choices) and choices[0].insert.strip() != there and not whole
        pane.display = bool(choices)
        if choices:
            pane.styles.height = min(len(choices), max(FEW, composer.app.size.height // 3))
            width = composer.size.width
            pane.show([_entry(index, each, width) for index, each in enumerate(choices)])
            pane.put_cursor("0")

    def _found(self, token: CompletionToken) -> tuple[Completion, ...]:
        channel = self._channel.state
        if channel is None:
            return ()
        if token.kind == "/":
            return slash.complete(token.query, self._commands())
        if token.kind == ":":
            names = self._names()
            used = self._session.preferences.frequent_emoji(MINE)
            return tokens.emoji(token.query, names, used) if names is not None else ()
        community = self._session.store.communities.get(channel.channel.community_id)
        if community is None:
            return ()
        if token.kind == "#":
            named = ([(each.name, each.topic) for each in some] for some in self._channels(community))
            return next(filter(None, (tokens.channels(token.query, some) for some in named)), ())
        recent = self._recent(channel)
        users = self._people_of(channel, recent)
        rights = rights_at(self._session.store, channel.id, self._channel.now())
        if channel.people is None:
            self._want_people(channel.id)
        there = len(users if channel.people is None else channel.people)
        found = tokens.people(token.query, users, recent=recent, everyone=rights.may_mention_all(there))
        return _those_here_first(found, channel)

    def _channels(self, community: CommunityState) -> tuple[Sequence[Channel], ...]:
        """List mine; after `/join` those that I may join, and mine where none of those fits."""
        mine = [each.channel for each in community.channels.values() if each.channel.kind != "direct"]
        return (self._public.of(community.id), mine) if _JOIN.match(self._composer.text) else (mine,)

    def _recent(self, channel: ChannelState) -> list[str]:
        """List the ids of those who wrote here, the last one first, without me."""
        items = channel.timeline.items() if channel.timeline is not None else ()
        senders = (item.message.sender_id for item in reversed(items) if isinstance(item, Row))
        return [each for each in dict.fromkeys(senders) if each != self._session.store.my_id]

    def _people_of(self, channel: ChannelState, recent: Sequence[str]) -> list[User]:
        """List the members of the community; until they are loaded, those who wrote here."""
        store = self._session.store
        community = store.communities[channel.channel.community_id]
        if community.members is None:
            self._want_members(community.id)
            users = [store.users[each] for each in recent if each in store.users]
        else:
            users = [each.user for each in community.members.values() if each.user.id != store.my_id]
        return [each for each in users if not each.disabled]  # nobody would read it

    def move(self, direction: int) -> None:
        """Go to the next or previous offer."""
        self._pane.action_move(direction)
        self._composer.enter_takes = True

    def close(self) -> None:
        """Offer nothing more for this word."""
        if self._token is not None:
            self._closed = (self._token.kind, self._token.start)
        self.look()

    def accept(self, index: int | None = None) -> bool:
        """Put a choice (the one under the cursor) into the text; False if nothing is offered any more."""
        chosen = int(self._pane.cursor or 0) if index is None else index
        before = self._choices
        self.look()
        if self._token is None or not self._choices:
            return False
        choice = self._choices[chosen if before == self._choices and chosen < len(self._choices) else 0]
        if self._token.kind == ":":
            self._session.preferences.used_emoji(choice.insert.strip())
        chosen = self._choices.index(choice)
        self._put(tab_completion.begin_cycle(self._composer.text, self._token, self._choices, chosen))
        return True

    def _put(self, turn: CompletionCycle) -> None:
        """Put what a word becomes into the text."""
        self._turn = turn
        self._composer.exchange(turn.text, turn.at)
        self._closed = (turn.token.kind, turn.token.start)
        self._offer(None, ())

    def turn(self, direction: int = 1) -> None:
        """Complete the word before the cursor by a name that begins so; again, by the next (1) or previous (-1)."""
        last, composer = self._turn, self._composer
        if last is not None and last.token.kind in "@#" and (composer.text, composer.at) == (last.text, last.at):
            if len(last.choices) > 1:
                self._put(tab_completion.next_in_cycle(last, direction))
            return
        token = tab_completion.word_at(composer.text, composer.at, "#" if self._takes_channel() else "@")
        if token is None:
            return
        choices = self._named(token)
        if choices:
            self._put(
                tab_completion.begin_cycle(composer.text, token, choices, 0 if direction > 0 else len(choices) - 1)
            )
        else:
            self._wanted = (composer.text, composer.at, direction)

    def _takes_channel(self) -> bool:
        """Whether the command that is being written wants a channel before anything else."""
        name = self._composer.text.partition(" ")[0].removeprefix("/")
        begun = self._composer.text.startswith("/")
        return begun and any(name in each.names and each.usage.startswith("[#") for each in self._commands())

    def _named(self, token: CompletionToken) -> tuple[Completion, ...]:
        """Find what Tab may complete a word to."""
        channel = self._channel.state
        community = self._session.store.communities.get(channel.channel.community_id) if channel is not None else None
        if channel is None or community is None:
            return ()
        if token.kind == "#":
            names = ([each.name for each in some] for some in self._channels(community))
            return next(filter(None, (tab_completion.channels(token.query, some) for some in names)), ())
        recent = self._recent(channel)
        return tab_completion.people(token.query, self._people_of(channel, recent), recent=recent)


def _those_here_first(choices: Sequence[Completion], channel: ChannelState) -> tuple[Completion, ...]:
    """Of whom is offered those first who are in the channel; of the others it is said that they aren't."""
    if channel.people is None:
        return tuple(choices)
    here = {f"@{each.user.username}" for each in channel.people.values()} | {f"@{each}" for each in CALLS_ALL}
    inside = [each for each in choices if each.insert.strip() in here]
    outside = [replace(each, hint=f"{each.hint} · not here") for each in choices if each not in inside]
    return (*inside, *outside)


def _entry(index: int, choice: Completion, width: int) -> ListEntry:
    """Draw a line of the list: the label whole, the hint as far as there is room."""
    label = harmless_line(choice.label)
    positions = choice.positions if label == choice.label else ()
    left = (
        *spans((" ", "plain"), (f"{choice.sign}  " if choice.sign else "", "plain")),
        *marked(label, positions, "plain"),
    )
    room = width - width_of_spans(left) - 4
    return ListEntry(
        str(index), left, spans((f"{fit(harmless_line(choice.hint), room)} ", "faint")) if room > 0 else ()
    )
