"""The bounds of server and client: the rows of docs/bounds.md, each with its value in the code and its test."""
