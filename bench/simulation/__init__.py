"""Simulated VS Code user-data folders: seeded, deterministic, and as compressible as real ones."""
