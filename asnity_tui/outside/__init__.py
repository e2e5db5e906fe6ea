"""Commands from outside the screens: sending, following, counting, and looking at the terminal."""
