"""The bytes that a terminal without any keyboard protocol sends for a key, by the name that Textual gives the key."""

from __future__ import annotations

ESC = b"\x1b"

SIGNS = {
    "enter": b"\r",
    "escape": ESC,
    "tab": b"\t",
    "shift+tab": b"\x1b[Z",
    "space": b" ",
    "backspace": b"\x7f",
    "plus": b"+",
    "greater_than_sign": b">",
}
CURSOR = {"up": b"A", "down": b"B", "right": b"C", "left": b"D", "home": b"H", "end": b"F"}
NUMBERED = {"pageup": 5, "pagedown": 6}
FUNCTION = {1: b"\x1bOP", 2: b"\x1bOQ", 3: b"\x1bOR", 4: b"\x1bOS", 8: b"\x1b[19~", 9: b"\x1b[20~"}
MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4}


def bytes_of(key: str) -> bytes:
    """As xterm sends it; shift+Enter, which is plain Enter there, as kitty does."""
    *held, last = key.split("+")
    modifier = 1 + sum(MODIFIERS[each] for each in held)
    if key == "shift+enter":
        return b"\x1b[13;2u"
    if key in SIGNS:
        return SIGNS[key]
    if last in CURSOR:
        return ESC + b"[" + (b"1;%d" % modifier if held else b"") + CURSOR[last]
    if last in NUMBERED:
        return ESC + b"[%d" % NUMBERED[last] + (b";%d~" % modifier if held else b"~")
    if not held and last[:1] == "f" and last[1:].isdigit():
        return FUNCTION[int(last[1:])]
    if held == ["ctrl"] and len(last) == 1:
        return bytes([ord(last) & 0x1F])
    if held == ["alt"]:
        return ESC + bytes_of(last)
    if not held and len(last) == 1:
        return last.encode()
    raise AssertionError(f"no terminal was asked what it sends for {key}")
