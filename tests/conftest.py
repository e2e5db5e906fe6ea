"""Gives every test an environment without surprises before anything of the program is imported."""

import gc
import os
import signal

import pytest
from hypothesis import settings

from tests.topology import topology_fixture

# A run in the background of a script inherits that interrupts are ignored, and would hand it on to every program that a
# test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGQUIT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)

# Next to nothing of what is made while tests are collected goes away; looking for it would take a sixth of that time.
gc.disable()

# how long an example takes says more of the machine than of the program
settings.register_profile("asnity", deadline=None)
settings.load_profile("asnity")

# Textual reads these when it is imported, and a picture must not depend on who takes it.
for name in [key for key in os.environ if key.startswith("TEXTUAL_")] + [
    "NO_COLOR",
    "FORCE_COLOR",
    "COLUMNS",
    "LINES",
    "LANG",
    "LC_ALL",
    "TERM_PROGRAM",
    "TMUX",
    "UNICODE_VERSION",
]:
    if name != "TEXTUAL_SNAPSHOT_TEMPDIR":  # set by the snapshot plugin, before this
        os.environ.pop(name, None)


@pytest.fixture(params=["fast", pytest.param("stock", marks=pytest.mark.slow)])
def delivery(request: pytest.FixtureRequest) -> str:
    """Each way in which a server may deliver; the libraries' own is left to the slow run."""
    return str(request.param)


topology = topology_fixture("embedded")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: half of the time a test waits for a socket, a clock or a screen that comes to rest."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking at what all tests share."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
