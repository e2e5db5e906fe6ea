"""Accounts: signing up and in, passwords, sessions and profiles."""
