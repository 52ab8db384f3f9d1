"""Who is asked, by which mail and code, and who is silent."""
