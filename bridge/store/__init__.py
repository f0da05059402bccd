"""The append-only log of each session, on Valkey or Redis streams."""
