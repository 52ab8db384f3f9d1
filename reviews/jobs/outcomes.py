"""Telling respondents what came of their remarks."""
