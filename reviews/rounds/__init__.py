"""A round as it is prepared and told: its questions, times, texts and the pages of those who run it."""
