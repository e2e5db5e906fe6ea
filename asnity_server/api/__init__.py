"""The API server: what may happen, and its SQL."""
