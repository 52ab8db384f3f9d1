"""Spreadsheets from other services: how a file is read, and what its columns mean in a round."""
