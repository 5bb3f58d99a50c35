"""Take a snapshot: capture, store, compare with the run before, commit."""
