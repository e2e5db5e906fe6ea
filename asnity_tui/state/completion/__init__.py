"""Finds and completes names, commands and emoji by a few letters."""
