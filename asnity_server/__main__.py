"""Lets `python -m asnity_server` be the command `asnity-server`."""

from .cli import main

if __name__ == "__main__":
    main(prog_name="asnity-server")
