"""Write files of a snapshot to any folder."""
