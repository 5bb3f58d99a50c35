"""What a person can ask for, on two floors: a room uses a lower floor, never its own."""
