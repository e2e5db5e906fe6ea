"""Writes docs/keys.md from the bindings: `python -m asnity_tui.keys_document > docs/keys.md`."""

from __future__ import annotations

import sys

from .screens.help import all_keys
from .screens.keys_in_force import shown
from .screens.slash_commands import SLASH_COMMANDS

_HEAD = """# Keys

Everything that can be done, with its key and the id under which the settings file gives it another one:

```toml
[keys]
"go.to" = "ctrl+g"
"unread.best" = ["alt+a", "f5"]
```

What has no key stands in the palette (ctrl+p), as does everything else. F1 shows this list with the keys as they are
set. The letters in the messages also act when they arrive as the jamo of the 2-set layout on the same keys.

This file is made from the program by `python -m asnity_tui.keys_document`, and a test compares the two.
"""

_SLASH = """
## Behind a slash

Written in the composer; a bare `/` offers those that people use first, Tab completes them by their names and by what
they mean (`/logou`, `/silence`), and `/help` lists them. What is no command is never sent, but a path is
(`/usr/bin/env`, `/notes.txt`); a message that begins with a slash is written with two (`//`).

| command | also | does |
|---|---|---|
"""


def document() -> str:
    """The text of docs/keys.md."""
    lines = [_HEAD]
    part = ""
    for key in all_keys({}):
        if key.part != part:
            part = key.part
            lines.append(f"\n## {part}\n\n| key | does | id |\n|---|---|---|\n")
        keys = " · ".join(f"`{shown(each)}`" for each in key.keys)
        told = f": {key.help[0].lower()}{key.help[1:]}" if key.help else ""
        lines.append(f"| {keys} | {key.title}{told} | `{key.id}` |\n")
    lines.append(_SLASH)
    for command in (each for each in SLASH_COMMANDS if each.offer):
        usage = f" {command.usage}" if command.usage else ""
        also = " ".join(f"`/{each}`" for each in command.aliases)
        lines.append(f"| `/{command.name}{usage}` | {also} | {command.help} |\n")
    return "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(document())
