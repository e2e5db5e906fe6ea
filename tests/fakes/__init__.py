"""A server and a client that need no network, for tests of what is built on them."""

from .client import FakeClient
from .faults import Arrival, Faults
from .model import Account, FakeClock, FakeIds
from .server import FakeServer

__all__ = ["Account", "Arrival", "FakeClient", "FakeClock", "FakeIds", "FakeServer", "Faults"]
