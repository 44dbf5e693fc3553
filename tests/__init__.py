"""A package, because textstat installs one of this name, which a bare folder would lose to."""
