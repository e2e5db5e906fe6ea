"""A harness, as the session's tests have it: a model server with alice and bob, and a clock that tests move."""

from tests.unit.client_session.conftest import harness

__all__ = ["harness"]
