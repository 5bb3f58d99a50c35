"""How results look: lines for people, rows for programs."""
