"""Reading transcripts: a list with filters, and one conversation with each turn's record."""
