"""Commands for the shell: sending, following, counting, and looking at the terminal."""
