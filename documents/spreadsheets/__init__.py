"""Excel files, whatever they hold: which may be opened, what their cells say, and how ours are written."""
