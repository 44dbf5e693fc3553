"""One message of a conversation at a time, in order, without polling."""

import asyncio

import pytest

from bot.lock_store import AsyncioLockStore


async def test_messages_of_one_conversation_take_turns() -> None:
    store = AsyncioLockStore()
    inside = 0
    order: list[int] = []

    async def turn(number: int) -> None:
        nonlocal inside
        async with store.lock("one"):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            order.append(number)
            inside -= 1

    await asyncio.gather(*(turn(number) for number in range(5)))
    assert order == [0, 1, 2, 3, 4]


async def test_conversations_do_not_wait_for_each_other() -> None:
    store = AsyncioLockStore()
    async with store.lock("one"), store.lock("two"):
        assert store.get_lock("one")
        assert store.get_lock("two")


async def test_a_lock_is_free_after_a_fault() -> None:
    store = AsyncioLockStore()
    with pytest.raises(ValueError, match="inside"):
        async with store.lock("one"):
            raise ValueError("inside")
    async with store.lock("one"):
        pass


async def test_who_gives_up_waiting_leaves_nothing_behind() -> None:
    store = AsyncioLockStore()
    async with store.lock("one"):
        waiting = asyncio.create_task(store.lock("one").__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert not store._locks
    assert not store._wanted


async def test_nothing_is_kept_of_a_finished_turn() -> None:
    store = AsyncioLockStore()
    async with store.lock("one"):
        pass
    assert store.get_lock("one") is None
    assert not store._locks
