"""The connection to a server: requests over HTTP, and the socket."""
