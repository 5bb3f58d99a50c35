"""One module per verb; each takes an open store and plain values and returns a frozen result."""
