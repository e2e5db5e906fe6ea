"""A picker of emoji by their short names: those that I use most stand first."""

from __future__ import annotations

from collections.abc import Sequence

from asnity_server.protocol.emoji import clean_emoji
from asnity_server.protocol.errors import Invalid
from asnity_tui.state.completion.emoji_names import EmojiNames
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.safe_text import harmless_line
from asnity_tui.widgets.text.styles import marked, spans

from .picker import Picker


class EmojiPicker(Picker):
    """Answers the chosen emoji, or None. An emoji that is typed or pasted can be chosen, too."""

    def __init__(self, title: str, names: EmojiNames, used: Sequence[str], mine: Sequence[str]) -> None:
        """`used` are mine, most used first; `mine` are those that I have put there already."""

        def search(query: str) -> list[Option]:
            query = query.strip().strip(":")
            found = names.find(query, used)
            options = [
                Option(
                    each.emoji,
                    (*spans((f"{harmless_line(each.emoji)}  ", "plain")), *marked(each.name, each.positions, "plain")),
                    spans(("yours" if each.emoji in mine else "", "faint")),
                )
                for each in found
            ]
            typed = _emoji(query)
            if typed is not None:
                options.insert(
                    0, Option(typed, spans((harmless_line(typed), "plain"), (f"  {names.name(typed)}", "dim")))
                )
            return options

        super().__init__(title, search, nothing="No matching emoji.")


def _emoji(text: str) -> str | None:
    try:
        return clean_emoji(text)
    except Invalid:
        return None
