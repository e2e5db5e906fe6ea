"""The socket server: connections, their requests, and the events that they are sent."""
