"""Stored bytes to values and back, as docs/format.md states. No I/O, no clock, no threads."""
