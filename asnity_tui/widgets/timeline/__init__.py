"""The timeline of a channel: messages drawn line by line on demand."""
