"""The receipt of what was handed in."""
