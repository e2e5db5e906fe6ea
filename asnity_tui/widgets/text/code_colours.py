"""Colours for code in a fence, by Pygments; imported when the first code shows."""

from __future__ import annotations

from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

from .rich_body import StyleRange

_NAMES = (
    "asm awk bash bat c c# c++ clojure cmake console cpp csharp css d dart diff docker dockerfile elixir erlang ex "
    "fish fortran fsharp go golang graphql groovy haskell hs html http ini java javascript js json json5 jsx julia "
    "kotlin latex less lisp lua make makefile markdown md nginx nix objc objective-c ocaml perl php pl postgres "
    "postgresql powershell proto protobuf ps1 py py3 pycon python python3 r rb rs rst ruby rust sass scala scheme scss "
    "sh shell sql sqlite3 swift tcl terraform tex tf toml ts tsx typescript udiff v vim vue xml yaml yml zig zsh"
)

LANGUAGES = frozenset(_NAMES.split())
"""Names after a fence that are looked up: what people write in. Of all of Pygments' hundreds, somebody would find
one that takes seconds for a message made for it."""

_STYLES: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "code-comment"),
    (Keyword, "code-keyword"),
    (String, "code-string"),
    (Number, "code-number"),
    (Name.Function, "code-name"),
    (Name.Class, "code-name"),
    (Name.Decorator, "code-name"),
    (Name.Builtin, "code-keyword"),
    (Name.Tag, "code-keyword"),
    (Name.Attribute, "code-name"),
    (Operator.Word, "code-keyword"),
    (Generic.Inserted, "code-string"),
    (Generic.Deleted, "code-deleted"),
    (Generic.Subheading, "code-name"),
    (Generic.Prompt, "code-comment"),
)


def colours(code: str, language: str, offset: int) -> list[StyleRange]:
    """Find the styles of `code`, which begins at `offset`; none for a language that isn't known."""
    lexer = _lexer(language.casefold())
    if lexer is None:
        return []
    spans: list[StyleRange] = []
    for at, kind, text in lexer.get_tokens_unprocessed(code):
        style = _style(kind)
        if style is None or not text.strip():
            continue
        start, end = offset + at, offset + min(len(code), at + len(text))
        if spans and spans[-1].style == style and spans[-1].end == start:
            spans[-1] = StyleRange(spans[-1].start, end, style)
        elif not spans or spans[-1].end <= start < end:
            spans.append(StyleRange(start, end, style))
    return spans


@lru_cache(maxsize=len(LANGUAGES))
def _lexer(language: str) -> Lexer | None:
    if language not in LANGUAGES:
        return None
    try:
        return get_lexer_by_name(language)
    except ClassNotFound:  # a Pygments that doesn't have it yet, or any more
        return None


@lru_cache(maxsize=256)
def _style(kind: _TokenType) -> str | None:
    return next((style for each, style in _STYLES if kind in each), None)
