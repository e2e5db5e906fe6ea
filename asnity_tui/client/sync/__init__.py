"""The session: its connection, the repair of gaps, and everything that is sent to the server in the background."""
