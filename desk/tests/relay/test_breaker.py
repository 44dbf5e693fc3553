"""The circuit breaker spares families the wait for a bot that is known to be down."""

from relay.breaker import CircuitBreaker


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _opened(clock: Clock) -> CircuitBreaker:
    breaker = CircuitBreaker(failures_to_open=3, open_seconds=5, clock=clock)
    for _ in range(3):
        assert breaker.allows_try()
        breaker.record_failure()
    return breaker


def test_it_opens_after_several_failures_in_a_row() -> None:
    """A success in between starts the count anew."""
    breaker = CircuitBreaker(failures_to_open=3, open_seconds=5, clock=Clock())
    breaker.record_failure()
    breaker.record_failure()
    breaker.record_success()
    breaker.record_failure()
    breaker.record_failure()
    assert breaker.allows_try()
    breaker.record_failure()
    assert breaker.is_open
    assert not breaker.allows_try()


def test_one_try_goes_through_after_a_while() -> None:
    """Only one caller finds out; the others are not made to wait."""
    clock = Clock()
    breaker = _opened(clock)
    clock.now += 4.9
    assert not breaker.allows_try()
    clock.now += 0.2
    assert breaker.allows_try()
    assert not breaker.allows_try()


def test_a_try_that_succeeds_closes_it() -> None:
    """Everybody is served again at once."""
    clock = Clock()
    breaker = _opened(clock)
    clock.now += 6
    assert breaker.allows_try()
    breaker.record_success()
    assert breaker.allows_try()
    assert breaker.allows_try()


def test_a_try_that_fails_or_gets_lost_leaves_it_open() -> None:
    """The next try waits for its turn, whether or not the last one came back."""
    clock = Clock()
    breaker = _opened(clock)
    clock.now += 6
    assert breaker.allows_try()
    breaker.record_failure()
    assert not breaker.allows_try()
    clock.now += 6
    assert breaker.allows_try()
    clock.now += 6
    assert breaker.allows_try()
