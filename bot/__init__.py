"""Our extensions of Rasa, one per file, through its own extension points."""
