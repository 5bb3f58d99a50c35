"""Check a store and repair what can be repaired."""
