"""The flows a person goes through, a screen each."""
