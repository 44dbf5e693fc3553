"""What the worker does by the clock."""

from collections.abc import Callable
from datetime import datetime, timedelta

from conversations import services
from retention.services import forget_pending
from turns.mail import send_due
from turns.worker import Chore

_OFTEN = timedelta(seconds=10)
_SELDOM = timedelta(minutes=10)


def house_chores() -> list[Chore]:
    """Return everything that time alone brings about, with how often to look.

    What speaks to another program, a mail server or the bot, is slow: nothing waits for it.
    """
    return [
        Chore("visitors in the queue were reminded", services.remind_waiting, _OFTEN),
        Chore("visitors in the queue heard of closing time", services.tell_closed, _OFTEN),
        Chore("visitors of vanished specialists were queued", services.requeue_vanished, _OFTEN),
        Chore("unanswered offers lapsed", services.lapse_transfers, _OFTEN),
        Chore("idle conversations were warned", services.warn_idle, _OFTEN),
        Chore("idle conversations were closed", services.close_idle, _OFTEN),
        Chore("bot sessions were forgotten", _without_time(forget_pending), _OFTEN, is_slow=True),
        Chore("whoever is on duty was written to", services.alert_duty, _OFTEN),
        Chore("mails were sent", send_due, _OFTEN, is_slow=True),
        Chore("empty conversations expired", services.expire_empty, _SELDOM, is_slow=True),
        Chore("old conversations were erased", services.erase_expired, _SELDOM, is_slow=True),
    ]


def _without_time(verb: Callable[[], int]) -> Callable[[datetime], int]:
    return lambda now: verb()
