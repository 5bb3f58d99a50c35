"""Snapshots as one portable file, out and in."""
