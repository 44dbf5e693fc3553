"""Live facts from the desk. Needs `rasa_sdk` alone, so it starts without Rasa."""
