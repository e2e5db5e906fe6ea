"""The state of the client: plain data in, changes out."""
