"""SQLite behind one writing thread and a few readers."""
