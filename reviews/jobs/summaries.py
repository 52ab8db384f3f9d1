"""Files made of a round: the summary, the archive for the registry."""
