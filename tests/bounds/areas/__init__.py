"""The rows by area: a module for each, which is a section of the document."""
