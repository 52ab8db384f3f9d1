"""The pages of a respondent, who has no account and perhaps no JavaScript."""
