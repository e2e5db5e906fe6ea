"""The socket server: who is connected, what they ask, and what they are told."""
