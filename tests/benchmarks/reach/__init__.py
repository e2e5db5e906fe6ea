"""Measurements of the server as several programs: `python -m tests.benchmarks.reach`."""
