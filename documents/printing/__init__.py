"""Printing: from HTML to an accessible PDF that is the same, byte for byte, each time it is made."""
