"""Settings, keys and paths of the client: command line over environment over TOML file over defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from asnity_server import options
from asnity_server.options import BadSettings, SettingOption

from .theme_file import load_theme

PROGRAM = "asnity-tui"

ENVIRONMENT = "ASNITY_TUI_"
"""Every setting but the keys can be given as an environment variable with this in front of its name."""


DEFAULT_THEME = "asnity-dark"


def look_file(data: Path) -> Path:
    """The file of the theme that was chosen while the client ran, in the folder for data."""
    return data / "look.json"


def default_data() -> Path:
    """Return the folder of accounts and their storage, unless told otherwise. Raises `BadSettings`."""
    return options.default_data(PROGRAM)


def default_file() -> Path:
    """Return the settings file that is read where none is named. Raises `BadSettings` where there is no home."""
    return options.default_file(PROGRAM)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set, checked."""

    server: Annotated[str, Meta(max_length=500)] = ""
    theme: Annotated[str, Meta(min_length=1, max_length=50)] = DEFAULT_THEME
    notify: Literal["auto", "bell", "off"] = "auto"
    undo_send: Annotated[int, Meta(ge=0, le=10)] = 3
    """Seconds for which a new message can be taken back before it goes out."""
    data: Path = msgspec.field(default_factory=default_data)
    log: Path | None = None
    keys: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Keys by the id of what they do; several are separated by commas."""

    @property
    def look_file(self) -> Path:
        """The theme that was chosen while the client ran, see `look`."""
        return look_file(self.data)

    @property
    def sessions_file(self) -> Path:
        """The accounts that are signed in, see `client.saved`."""
        return self.data / "sessions.json"

    @property
    def accounts_folder(self) -> Path:
        """The storage of each account, see `client.storage.cache_file.account_file`."""
        return self.data / "accounts"


_option = partial(SettingOption, ENVIRONMENT)

OPTIONS = (
    _option("server", "ADDRESS", "The server to sign in to.", "the address of a server"),
    _option("theme", "NAME", "The colours: asnity-dark, asnity-light, or one of Textual's themes.", "a theme's name"),
    _option(
        "notify",
        "auto|bell|off",
        "Notifications while the terminal isn't focused: auto (the terminal's own, or the bell), bell or off.",
        "auto, bell or off",
    ),
    _option(
        "undo_send",
        "SECONDS",
        "How long Esc can undo sending a message: 0 to 10 seconds, 3 by default.",
        "a whole number from 0 to 10",
    ),
    _option("data", "FOLDER", "Folder for accounts, drafts, unsent messages and the cache.", "a folder"),
    _option("log", "FILE", "Log file for warnings and errors.", "a file"),
)

_KEYS = "a table of keys"


class Loaded(msgspec.Struct, frozen=True):
    """Settings, and what was wrong with where they come from, a sentence each: that is no reason not to start."""

    settings: Settings
    troubles: tuple[str, ...]


def load(
    given: Mapping[str, str | None],
    environment: Mapping[str, str],
    file: Path | None = None,
    *,
    keeps_data: bool = True,
) -> Loaded:
    """The settings of a run; `given` comes from the command line, by the name of the setting.

    What is wrong in the file or the environment is left out and told. Raises `BadSettings` for what is wrong on the
    command line, a named `file` that isn't there included, and where there is no place for data (unless none is kept).
    """
    from_file, troubles = _from_file(file)
    kinds = {each.name: each.type for each in msgspec.structs.fields(Settings)}
    values: dict[str, Any] = {}
    for name, value in from_file.items():
        expects = _KEYS if name == "keys" else next((each.expects for each in OPTIONS if each.field == name), None)
        if expects is None:
            troubles.append(f"The settings file has an unknown setting: {_shown(name)}.")
        elif not _taken(values, name, value, kinds[name]):
            troubles.append(f"In the settings file, {name} must be {expects}.")
    for option in OPTIONS:
        text = environment.get(option.variable)
        if text is not None and not _taken(values, option.field, text, kinds[option.field]):
            troubles.append(f"{option.variable} must be {option.expects}.")
        text = given.get(option.field)
        if text is not None and not _taken(values, option.field, text, kinds[option.field]):
            raise BadSettings(f"{option.flag} must be {option.expects}.")
    if not keeps_data:
        values.setdefault("data", Path())
    elif "theme" not in values:
        values["theme"] = load_theme(look_file(values.get("data") or default_data())) or DEFAULT_THEME
    return Loaded(Settings(**values), tuple(troubles))


def unknown_keys(keys: Mapping[str, str], known: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each id in the settings' keys that nothing in the program has."""
    ids = set(known)
    return tuple(
        f"The settings file has a key for an unknown action: {_shown(each)}." for each in keys if each not in ids
    )


def _from_file(file: Path | None) -> tuple[dict[str, Any], list[str]]:
    """Read the settings file; its settings, and what is wrong with it as a whole."""
    try:
        found = options.read_file(file, lambda: default_file())
    except options.UnreadableFile as error:
        defaults = "; the defaults are used" * (error.problem != "can't be read")
        detail = f": {_shown(error.detail)}" if error.detail else ""
        return {}, [f"The settings file {_shown(str(error.path))} {error.problem}{defaults}{detail}."]
    if found is None:
        raise BadSettings(f"There is no settings file {_shown(str(file))}.")
    return found, []


def _taken(values: dict[str, Any], name: str, value: object, kind: Any) -> bool:
    """Whether a value is one for this setting; then it is the setting's from now on."""
    if name == "keys" and isinstance(value, dict):
        value = {each: _joined(keys) for each, keys in value.items()}
    try:
        values[name] = msgspec.convert(value, kind, strict=not isinstance(value, str), dec_hook=_path)
    except msgspec.ValidationError:
        return False
    return True


def _joined(keys: object) -> object:
    """Several keys for one thing, as Textual writes them."""
    several = isinstance(keys, list) and all(isinstance(each, str) for each in keys)
    return ",".join(keys) if several and isinstance(keys, list) else keys


def _path(kind: type, value: object) -> Path:
    """A path, which may begin at the person's home. The errors are of the kinds that msgspec turns into its own."""
    if kind is not Path or not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("That isn't a path.")
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        raise ValueError("There is no home for this path.") from error


def _shown(text: str) -> str:
    """Text from a file that is about to stand on the screen."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)[:200]
