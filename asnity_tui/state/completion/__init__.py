"""Finding and completing names, commands and emoji by a few letters."""
