"""What it costs to run the server as several programs: `python -m tests.benchmarks.reach`."""
