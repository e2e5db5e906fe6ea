"""The screens where there is no terminal for them, and words that are no command: a sentence instead of a program."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from asnity_server.cli import main as server
from asnity_tui.cli.main import main as client

PATIENCE = 30.0


def run_in_terminal(folder: Path, redirection: str, **environment: str) -> tuple[int, str]:
    """Start the client in a terminal but for a redirection; its exit code and everything that it said."""
    main, terminal = pty.openpty()
    said = folder / "said"
    env = {key: value for key, value in os.environ.items() if not key.startswith(("ASNITY_", "PYTHON"))}
    env |= {"TERM": "xterm-256color", "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder), "SAID": str(said)}
    try:
        ended = subprocess.run(
            ["sh", "-c", f'"$0" -m asnity_tui {redirection}', sys.executable],
            stdin=terminal, stdout=terminal, stderr=terminal, env=env | environment, timeout=PATIENCE,
        )  # fmt: skip
        os.set_blocking(main, False)
        try:
            shown = os.read(main, 65536).decode()
        except BlockingIOError:
            shown = ""
    finally:
        os.close(main)
        os.close(terminal)
    return ended.returncode, shown + (said.read_text() if said.exists() else "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("redirection", "environment", "sentence"),
    [
        ("</dev/null", {}, "needs a terminal, but standard input isn't one"),
        ("<&-", {}, "needs a terminal, but standard input isn't one"),
        (">$SAID", {}, "needs a terminal, but standard output isn't one"),
        (">&-", {}, "needs a terminal, but standard output isn't one"),
        ("2>$SAID", {}, "needs a terminal, but standard error isn't one"),
        ("--demo </dev/null", {}, "needs a terminal, but standard input isn't one"),
        ("chat.example.org </dev/null", {}, "needs a terminal, but standard input isn't one"),
        ("", {"TERM": "dumb"}, "TERM is dumb"),
        ("", {"TERM": ""}, "TERM is not set"),
        ("", {"PYTHONIOENCODING": "latin-1"}, "the locale's encoding is iso8859-1, not UTF-8"),
        ("", {"PYTHONIOENCODING": "ascii"}, "the locale's encoding is ascii, not UTF-8"),
    ],
)
def test_without_a_terminal_it_refuses_in_a_sentence(
    tmp_path: Path, redirection: str, environment: dict[str, str], sentence: str
) -> None:
    code, said = run_in_terminal(tmp_path, redirection, **environment)
    assert code == 1, said
    assert sentence in said
    assert said.startswith("Error: ")
    assert "\x1b" not in said
    assert "Traceback" not in said


def test_where_errors_go_nowhere_the_sentence_is_on_the_screen(tmp_path: Path) -> None:
    code, said = run_in_terminal(tmp_path, "2>/dev/null")
    assert (code, said[:7]) == (1, "Error: ")


def test_into_a_pipe_it_refuses_too(tmp_path: Path) -> None:
    code, said = run_in_terminal(tmp_path, "| cat")
    assert code == 0  # of the cat
    assert said.startswith("Error: asnity-tui needs a terminal, but standard output isn't one.")


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("sned", "There is no command 'sned'. Did you mean asnity-tui send?"),
        ("Tail", "There is no command 'Tail'. Did you mean asnity-tui tail?"),
        ("watch", "There is no command 'watch'. Did you mean asnity-tui tail?"),
        ("help", "There is no command 'help'. Did you mean asnity-tui --help?"),
        ("login", "Start asnity-tui alone, or with a server's address or an invite link."),
        ("chatbox", "there are doctor, send, tail, unread. If it is a server, write https://chatbox."),
        ("귤", "There is no command '귤'; there are doctor, send, tail, unread."),
        ("", "There is no command ''; there are doctor, send, tail, unread."),
    ],
)
def test_an_unknown_word_is_no_server(word: str, sentence: str) -> None:
    for arguments in ([word], [word, "#general", "hello"], ["--server", "chat.example.org", word]):
        ended = CliRunner().invoke(client, arguments, prog_name="asnity-tui")
        assert ended.exit_code == 2
        assert sentence in ended.output


@pytest.mark.parametrize(
    "address", ["localhost", "LOCALHOST", "chat.example.org", "doctor.example.org", "box:8440", "[::1]", "https://box"]
)
def test_what_can_be_an_address_is_one(address: str) -> None:
    ended = CliRunner().invoke(client, [address], prog_name="asnity-tui")
    assert (ended.exit_code, "needs a terminal" in ended.output or "TERM" in ended.output) == (1, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("serve",), "Without a command, asnity-server serves until ctrl+c."),
        (("bakcup", "x"), "Did you mean asnity-server backup?"),
        (("user", "ban", "bob"), "Did you mean asnity-server user disable?"),
        (("user", "lst"), "Did you mean asnity-server user list?"),
        (("users",), "Did you mean asnity-server user list?"),
    ],
)
def test_an_unknown_word_to_the_server(words: tuple[str, ...], sentence: str) -> None:
    ended = CliRunner().invoke(server, words, prog_name="asnity-server")
    assert ended.exit_code == 2
    assert sentence in ended.output
