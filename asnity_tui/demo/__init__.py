"""The demo: a server in this process with people who talk."""
