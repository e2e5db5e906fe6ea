"""Maps Latin letters to those of the 2-set Korean layout, so that commands work while Hangul is on."""

from __future__ import annotations

JAMO = {
    **dict(zip("qwertyuiopasdfghjklzxcvbnm", "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ", strict=True)),
    **dict(zip("QWERTOP", "ㅃㅉㄸㄲㅆㅒㅖ", strict=True)),
}
"""Which jamo a key sends (KS X 5002). The other capitals send the same as their small letters."""


def with_jamo(keys: str, *, capitals: bool = False) -> str:
    """A comma-separated list of keys with the jamo beside each letter.

    With `capitals`, a capital without a jamo of its own takes that of its small letter: only where that is free.
    """
    found: list[str] = []
    for key in keys.split(","):
        found.append(key)
        jamo = JAMO.get(key) or (JAMO.get(key.lower()) if capitals and len(key) == 1 else None)
        if jamo is not None and jamo not in found:
            found.append(jamo)
    return ",".join(found)
