"""Word in and out: reading handbooks, fillable forms and version files, and writing them."""
