"""The heart of the desk: conversations, who is in control of them, and every message in them."""
