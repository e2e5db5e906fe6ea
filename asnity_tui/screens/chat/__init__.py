"""The main screen and the parts that it owns."""
