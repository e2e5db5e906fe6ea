"""Text as terminals show it: measured, made harmless, styled and set."""
