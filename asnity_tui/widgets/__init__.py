"""The panes of the main screen, a widget each."""
