"""Full-text search: its terms, its index and its queries."""
