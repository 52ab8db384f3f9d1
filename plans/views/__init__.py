"""The pages of a plan: compiling it, its goals and measures, what is missing, and the front page of a region."""
