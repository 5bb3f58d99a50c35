"""What local files need: durable writes, new files, names every system holds, derived SQLite files."""
