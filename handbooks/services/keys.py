"""Keys that the handbooks' own sections have."""

TRAY_KEY = "sijoittamatta"
"""The section that keeps what a Word file had and the template has no place for."""
TRAY_HEADING = {"fi": "Sijoittamatta", "sv": "Ej placerade"}
