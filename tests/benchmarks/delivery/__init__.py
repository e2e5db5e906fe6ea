"""The delivery path beside its peers."""
