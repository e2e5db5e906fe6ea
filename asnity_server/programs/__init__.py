"""The programs of a server that is divided: the API for gateways that link, and the gateway."""
