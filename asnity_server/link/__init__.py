"""The link: one ordered stream of frames between an API program and a gateway."""
