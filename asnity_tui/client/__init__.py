"""How the client reaches a server, and what it remembers between starts."""
