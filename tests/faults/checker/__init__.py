"""The checker: recording clients, and the promises that hold of what they sent, were answered and were told."""
