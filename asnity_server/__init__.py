"""The light chat server that one person can host."""

__version__ = "0.1.0"
