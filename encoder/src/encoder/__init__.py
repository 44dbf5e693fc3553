"""all-MiniLM-L6-v2 in eight bits, and how it learns; both environments read sentences with it."""
