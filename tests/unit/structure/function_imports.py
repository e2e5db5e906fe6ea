REASONS: dict[str, tuple[str, ...]] = {}
