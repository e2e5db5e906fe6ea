"""The session: its connection, the repair of what was missed, and what is told to the server."""
