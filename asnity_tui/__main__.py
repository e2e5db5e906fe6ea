"""Lets `python -m asnity_tui` be the command `asnity-tui`."""

from .launch import main

if __name__ == "__main__":
    main()
