"""What the client knows and how it changes: plain data in, changes out."""
