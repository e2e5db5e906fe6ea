"""The terminal around the app: its driver and keys, its clipboard, editor and notifications."""
