"""`python -m asnity_server` is the command `asnity-server`."""

from asnity_server.cli import main

main()
