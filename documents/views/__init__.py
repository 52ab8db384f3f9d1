"""The pages of a document: reading and writing the draft, its history and its versions."""
