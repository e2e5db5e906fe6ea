"""Writes docs/keys.md from the bindings: `python -m asnity_tui.screens.keys_document > docs/keys.md`."""

from __future__ import annotations

import sys

from asnity_tui.commands.slash import OFFERED, slash_of

from .help import key_lines

_HEAD = """# Keys

All commands, with their keys and the ids that the settings file uses to give them other keys:

```toml
[keys]
"go.to" = "ctrl+g"
"unread.best" = ["alt+a", "f5"]
```

Commands without a key are in the palette (ctrl+p), as are all others. F1 shows this list with the keys that are set.
Some terminals use alt with a digit for their own tabs, unless their settings say otherwise. The letters in the messages
also work as the jamo on the same keys of the Korean 2-set layout.

This file is made from the program by `python -m asnity_tui.screens.keys_document`, and a test compares the two.
"""

_SLASH = """
## Slash commands

Typed in the composer. `/` offers the most used ones, Tab completes them by name and meaning (`/logou`, `/silence`), and
`/help` lists them all. An unknown command is never sent, but a path is (`/usr/bin/env`, `/notes.txt`). To send a
message that starts with a slash, type two (`//`).

| command | also | does |
|---|---|---|
"""


def document() -> str:
    """The text of docs/keys.md."""
    lines = [_HEAD]
    part = ""
    for line in key_lines({}, "` · `"):
        if line.part != part:
            part = line.part
            lines.append(f"\n## {part}\n\n| key | does | id |\n|---|---|---|\n")
        keys = f"`{line.keys.replace(' … ', '` … `')}`" if line.keys else ""
        told = f": {line.help[0].lower()}{line.help[1:]}" if line.help else ""
        ids = f"`{line.ids[0]}`" if len(line.ids) == 1 else f"`{line.ids[0]}` … `{line.ids[-1]}`"
        lines.append(f"| {keys} | {line.title}{told} | {ids} |\n")
    lines.append(_SLASH)
    for command in map(slash_of, OFFERED):
        usage = f" {command.usage}" if command.usage else ""
        also = " ".join(f"`/{each}`" for each in command.aliases)
        lines.append(f"| `/{command.name}{usage}` | {also} | {command.help} |\n")
    return "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(document())
