"""Sizes, ratios and growth of a store."""
