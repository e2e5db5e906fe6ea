"""The client without its screens: transport, storage, resources and the session that keeps them in step."""
