"""Makes the bot forget a bot session, for callers that are not asynchronous."""

import logging

from asgiref.sync import async_to_sync

from relay.client import BotUnavailable
from relay.registry import get_relay

logger = logging.getLogger(__name__)


def forget_bot_session(bot_session: str) -> bool:
    """Tell the bot to forget a session; return whether it did, so that it can be told again."""
    try:
        async_to_sync(get_relay().forget)(bot_session)
    except BotUnavailable as error:
        logger.warning("the bot was not told to forget", extra={"failure": error.kind})
        return False
    return True
