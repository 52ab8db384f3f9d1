"""Word files for comments: the copy that goes out, and what comes back in it."""
