"""Requests for communities, channels, members, messages and the account, as typed calls."""
