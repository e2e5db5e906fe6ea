"""Tests of the link between an API program and its gateways, over real sockets."""
