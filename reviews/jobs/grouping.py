"""Finding remarks that are alike."""
