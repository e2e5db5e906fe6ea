"""The terminal client that people keep open all day."""
