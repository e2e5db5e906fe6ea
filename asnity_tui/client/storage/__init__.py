"""Storage between starts: accounts, the cache, drafts and unsent messages."""
