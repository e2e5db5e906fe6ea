"""The delivery of packets, in and out: all that reaches into the Socket.IO libraries."""
