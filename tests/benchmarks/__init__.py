"""Commands that print figures; nothing is asserted here."""
