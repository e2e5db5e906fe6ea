"""HTTP in front of the API."""
