"""A respondent's way: by which right she writes, the text she reads, the places she points at, her receipt."""
