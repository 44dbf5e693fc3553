"""Settings, addresses and the ASGI entry point; no logic of its own."""
