"""The wire: everything that crosses between a client and a server, and nothing else."""
