"""Packets in and out: everything that reaches into the Socket.IO libraries stands in here."""
