"""Graph components: readings, embeddings, selector, decision. No network, no actions."""
