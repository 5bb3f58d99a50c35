"""Whether the editor that owns a user-data folder runs."""
