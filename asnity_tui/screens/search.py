"""The search screen: finds messages while one types, with filters that complete, and answers the one to open."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from asnity_tui.client.resources.search import FoundMessages, SearchResult
from asnity_tui.client.sync.session import Session
from asnity_tui.client.transport.client import RequestError
from asnity_tui.screens.dialogs.dialog import Modal
from asnity_tui.state.completion import search_query
from asnity_tui.state.completion.search_query import FilterChoice, QueryError, QueryFilter
from asnity_tui.widgets.channel_list import sign_of
from asnity_tui.widgets.list_pane import ListEntry, ListPane
from asnity_tui.widgets.safe_input import SafeInput
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import marked, spans
from asnity_tui.widgets.text_bar import TextBar
from asnity_tui.widgets.timeline.layout import RenderContext

from .all_members import load_all_members
from .message_option import message_option
from .pending import PendingRequests
from .worker_errors import ReportsWorkerErrors

A_MOMENT = 0.2
"""Seconds without a letter after which the server is asked."""

AT_ONCE = 0.1
"""Seconds after which a search that isn't answered yet says so."""

_HELP = (
    ("from:", "who wrote it"),
    ("in:", "which channel, or @who"),
    ("community:", "which community"),
    ("before:", "a day: 2026-11-20, monday, 2w"),
    ("after:", "that day or later"),
)


@dataclass(frozen=True, slots=True)
class _Offer:
    """Completions for the word at the cursor."""

    choices: tuple[FilterChoice, ...]
    filter: QueryFilter | None
    """None: they are names of filters."""


class SearchScreen(ReportsWorkerErrors, Modal[SearchResult | None]):
    """Answers the hit to go to, or None; `text` is what was looked for at last."""

    about_messages: ClassVar[bool] = True
    """Its answer names a message: it can't stay open when the server is restored meanwhile."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "Close", id="search.close", show=False),
        Binding("down,ctrl+n", "move(1)", "Next", id="search.next", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", "Previous", id="search.previous", show=False, priority=True),
        Binding("pageup", "page(-1)", "Page up", id="search.page-up", show=False, priority=True),
        Binding("pagedown", "page(1)", "Page down", id="search.page-down", show=False, priority=True),
        Binding("tab", "take", "Complete", id="search.take", show=False, priority=True),
    ]

    def __init__(
        self, session: Session, render_context: RenderContext, *, now: int, here: str | None, text: str = ""
    ) -> None:
        """`render_context` says how messages are told, `here` is the community on the screen, `now` in milliseconds."""
        super().__init__()
        self.text = text
        self._session = session
        self._render_context = render_context
        self._now = now
        self._here = here
        self._found: FoundMessages | None = None
        self._offer = _Offer((), None)
        self._closed_at = ""
        self._requests = PendingRequests(self._pending, self._refused, long=inf)  # Esc closes
        self.field = SafeInput(
            text, compact=True, id="pick-field", placeholder="Words, from: in: community: before: after:"
        )
        self.offers = ListPane(id="search-offers")
        self.note = TextBar(id="search-note")
        self.list = ListPane(id="search-list")

    def compose(self) -> ComposeResult:
        """The field, what it may become, what was found."""
        with Vertical(classes="dialog search"):
            yield Static("Search", classes="dialog-title")
            yield self.field
            yield self.offers
            yield self.note
            yield self.list

    def on_mount(self) -> None:
        """Begin with what was looked for last."""
        for each in (self.list, self.offers):
            each.cursor_always = True
            each.can_focus = False
        self.offers.display = False
        self.field.focus()
        if self.text:
            self.field.action_select_all()
        else:
            self._show_help()
        self._learn()

    @work(group="people", exit_on_error=False)
    async def _learn(self) -> None:
        """Load the people that `from:` completes."""
        if await load_all_members(self._session):
            self._complete()

    # Searching

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.text = event.value
        self._complete()
        self._find(event.value)

    @work(group="find", exclusive=True, exit_on_error=False)
    async def _find(self, text: str) -> None:
        """Search once nobody types; a later search outdates this one."""
        await asyncio.sleep(A_MOMENT)
        now = datetime.fromtimestamp(self._now / 1000, self._render_context.zone)
        search = self._session.search.find(text, today=now.date(), zone=self._render_context.zone)
        try:
            found = await self._requests.answer(search, "Searching")
        except QueryError as error:
            if self._completes:
                self._note("Tab or Enter completes.")
            else:
                self._note(error.sentence, "error")
                self._found = None
                self.list.show(())
        else:
            if found is not None:
                self._show(found)

    @work(group="more", exclusive=True, exit_on_error=False)
    async def _more(self) -> None:
        found = await self._requests.answer(self._session.search.more(), "")
        if found is not None:
            self._show(found)

    def _refused(self, told: str, error: RequestError) -> None:
        offline = self._session.connection.status in ("offline", "connecting")
        self._note("You are offline: search needs a connection." if offline else told, "error")

    def _pending(self, text: str) -> None:
        if text:
            self._note(text)

    def _note(self, text: str, style: str = "dim") -> None:
        self.note.say(spans((harmless_line(text), style)))

    def _show(self, found: FoundMessages) -> None:
        self._found = found
        if found.query.says_nothing:
            self._show_help()
            return
        many = len(found.hits)
        behind = " so far; scroll for more" if found.more else ""
        many_words = f"{many} message{'s' if many > 1 else ''}{behind}."
        said = many_words if many else "No messages found."
        self._note(said)
        entries = [line for index, hit in enumerate(found.hits) for line in self._lines(str(index), hit)]
        before = self.list.cursor if found.hits and many > 20 else None
        self.list.show(entries)
        self.list.put_cursor(before or ("0" if entries else None))

    def _lines(self, key: str, hit: SearchResult) -> list[ListEntry]:
        sign = "@ " if hit.channel.kind == "direct" else sign_of(hit.channel.kind)
        strange = "" if hit.mine else " · closed" if hit.channel.kind == "direct" else " · not joined"
        place = f"{sign}{harmless_line(hit.title)} · {harmless_line(hit.community)}{strange}"
        return message_option(key, hit.message, self._render_context, self._now, place=place, parts=hit.parts).lines()

    def _show_help(self) -> None:
        self._note("Enter goes to a message. Filters (Tab completes):")
        self.list.show([ListEntry(None, spans((f"  {name:<12}", "accent"), (means, "dim"))) for name, means in _HELP])

    # Completing

    def _complete(self) -> None:
        """Offer what the word before the cursor may become."""
        text, at = self.field.value, self.field.cursor_position
        filter_ = search_query.filter_at(text, at)
        if text == self._closed_at:
            self._offer = _Offer((), None)
        elif filter_ is not None:
            found = search_query.choices(self._session.store, filter_, here=self._here)
            done = len(found) == 1 and found[0].insert.strip() == text[filter_.start : filter_.end]
            self._offer = _Offer(() if done else found, filter_)
        else:
            self._offer = _Offer(search_query.names(text, at), None)
        self._draw_offer()

    def _draw_offer(self) -> None:
        entries = []
        for index, each in enumerate(self._offer.choices):
            label = harmless_line(each.label)
            positions = each.positions if label == each.label else ()
            hint = spans((f"  {harmless_line(each.hint)}", "faint")) if each.hint else ()
            entries.append(ListEntry(str(index), (*marked(label, positions, "plain"), *hint)))
        self.offers.show(entries)
        self.offers.put_cursor("0" if entries else None)
        self.offers.display = bool(entries)

    @property
    def _completes(self) -> bool:
        """Tell whether the arrows and Enter belong to the completion: for names of filters only Tab does."""
        return bool(self._offer.choices) and self._offer.filter is not None

    def action_take(self) -> None:
        """Take what completion offers."""
        cursor = self.offers.cursor
        if not self._offer.choices or cursor is None:
            return
        choice, filter_ = self._offer.choices[int(cursor)], self._offer.filter
        text, at = self.field.value, self.field.cursor_position
        if filter_ is not None:
            text, at = search_query.applied(text, filter_, choice)
        else:
            begin = text.rfind(" ", 0, at) + 1
            text, at = text[:begin] + choice.insert + text[at:], begin + len(choice.insert)
        self.field.value = text
        self.field.cursor_position = at
        self._complete()

    # Choosing

    def action_move(self, direction: int) -> None:
        """The next or previous line, of the completion while it is open."""
        pane = self.offers if self._completes else self.list
        pane.action_move(direction)
        self._load_behind()

    def action_page(self, direction: int) -> None:
        """About a screenful on."""
        self.list.action_page(direction)
        self._load_behind()

    def _load_behind(self) -> None:
        """At the last line that is there, ask for more."""
        found = self._found
        if found is not None and found.more and self.list.cursor == str(len(found.hits) - 1):
            self._more()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if self._completes:
            self.action_take()
        else:
            self.list.action_choose()

    @on(ListPane.Chosen)
    def _chosen(self, event: ListPane.Chosen) -> None:
        event.stop()
        if event.pane is self.offers:
            self.offers.put_cursor(event.key)
            self.action_take()
        else:
            hits: Sequence[SearchResult] = self._found.hits if self._found is not None else ()
            self.dismiss(hits[int(event.key)] if int(event.key) < len(hits) else None)

    def action_give_up(self) -> None:
        """Close the completion, then the search."""
        if self._completes:
            self._closed_at = self.field.value
            self._complete()
        else:
            self._session.search.cancel()
            self.dismiss(None)
