"""Chat sessions: bytes to values and readable text. Pure: no file, no clock, no store."""
