"""The HTTP server: routes, pages for browsers, health and metrics, in front of the API."""
