"""The turns' tests share the bot and the clocks of the gateway's."""

from tests.gateway.conftest import fresh_counts, open_hours, relay

__all__ = ["fresh_counts", "open_hours", "relay"]
