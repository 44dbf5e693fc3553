"""How long things are kept, and who erases what."""
