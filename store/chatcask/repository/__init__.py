"""One store: keys, chunks in and out, where they lie, snapshots, labels."""
