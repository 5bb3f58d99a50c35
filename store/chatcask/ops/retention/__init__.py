"""Forget snapshots by name or policy, undelete, prune, tags and pins."""
