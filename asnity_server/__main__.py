"""Lets `python -m asnity_server` be the command `asnity-server`."""

from .launch import main

if __name__ == "__main__":
    main()
