"""What needs metadata, which Rasa's own tests do not bring, or several sentences."""

from __future__ import annotations

import pytest

from tests.bot.conftest import Bot

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.train, pytest.mark.slow]

STORY = (
    "My son is 4 months old and was diagnosed last Tuesday at the children's hospital. We live two "
    "hours away and I have two other kids at home. My husband works nights and I have not slept. "
    "They told us he has the KMT2A thing and they put in a line and started chemo on Friday. He is "
    "so tiny and he cries all the time and I do not know what to tell his sisters. The nurses are "
    "kind but everything goes so fast. Yesterday a doctor came and talked about a newer drug "
    "called blinatumomab and I only understood half of it. I wrote it down but then I forgot. "
    "So what I would like to know is how does blinatumomab work?"
)


@pytest.mark.parametrize(
    ("text", "last_entry", "entry"),
    [
        ("is it safe for babies?", "blina-what", "study-safety"),
        ("how long does it take?", "blina-what", "blina-how-given"),
        pytest.param(
            "and how many babies was that?",
            "study-result-82",
            "study-who",
            marks=pytest.mark.xfail(reason="goes to how many babies were alive at two years"),
        ),
        ("what are the side effects?", "blina-what", "blina-side-effects"),
        ("what about vaccines?", "blina-what", "blina-vaccines"),
        ("how common is it?", "infant-what", "infant-how-common"),
        ("is it inherited?", "kmt2a-what", "kmt2a-inherited"),
        ("who leads it?", "pedal-what", "pedal-leader"),
    ],
)
async def test_a_follow_up_means_what_came_before(
    bot: Bot, text: str, last_entry: str, entry: str
) -> None:
    assert await bot.entries(text, last_entry=last_entry) == [entry]


@pytest.mark.parametrize(
    ("text", "entry"),
    [("what should I do about a fever?", "fever-what-to-do"), ("what is PedAL?", "pedal-what")],
)
async def test_a_new_topic_starts_afresh(bot: Bot, text: str, entry: str) -> None:
    assert await bot.entries(text, last_entry="blina-what") == [entry]


@pytest.mark.parametrize("text", ["why?", "how long does it take?", "is it safe for babies?"])
async def test_without_a_past_it_asks_back(bot: Bot, text: str) -> None:
    body = await bot.ask(text)
    assert body["messages"][0]["response"] == "utter_clarify_pronoun"
    assert body["messages"][0]["kind"] in {"clarify", "fallback"}


async def test_three_questions_get_three_answers_in_order(bot: Bot) -> None:
    text = "What is blina? Is it safe for babies? How long does it take?"
    assert await bot.entries(text) == ["blina-what", "study-safety", "blina-how-given"]


async def test_of_a_fourth_question_it_is_said_that_it_is_left(bot: Bot) -> None:
    text = "What is blinatumomab? What is MRD? What is KMT2A? What is a relapse?"
    body = await bot.ask(text)
    assert [message["entry"] for message in body["messages"]][3:] == [None]
    assert body["messages"][-1]["response"] == "utter_ask_the_rest"


async def test_two_questions_in_one_sentence(bot: Bot) -> None:
    text = "what is kmt2a and how long does treatment take?"
    assert await bot.entries(text) == ["kmt2a-what", "treatment-length"]


async def test_a_long_story_is_answered_at_its_end(bot: Bot) -> None:
    assert await bot.entries(STORY) == ["blina-how-works"]


async def test_a_story_without_a_full_stop_is_answered(bot: Bot) -> None:
    told = STORY.replace(".", "").replace(
        "So what I would like to know is how does", "i wonder how"
    )
    assert "blina-how-works" in await bot.entries(told.replace("?", ""))


@pytest.mark.parametrize("text", ["I need help", "help me please", "sos"])
async def test_a_bare_cry_for_help_is_a_wish_for_a_person(bot: Bot, text: str) -> None:
    body = await bot.ask(text)
    assert body["messages"][0]["kind"] == "handoff"


async def test_help_with_a_question_is_its_answer(bot: Bot) -> None:
    assert await bot.entries("Help me please. What does MRD mean?") == ["glossary-mrd"]
    assert await bot.entries("I need help with insurance") == ["insurance"]


@pytest.mark.parametrize("text", ["what?", "are you sure?", "really?", "why not?"])
async def test_a_doubting_word_behind_an_answer_is_no_judgement(bot: Bot, text: str) -> None:
    body = await bot.ask(text, last_entry="treatment-medicines")
    assert body["messages"][0]["kind"] != "refusal"


async def test_a_kind_word_then_the_answer(bot: Bot) -> None:
    body = await bot.ask("I'm so scared. what is leukemia?")
    first, second = body["messages"]
    assert (first["response"], first["choices"]) == ("utter_empathy", [])
    assert second["entry"] == "infant-what"


async def test_a_judgement_beside_a_question(bot: Bot) -> None:
    kinds = await bot.kinds("what is blinatumomab? and should we stop it for our son?")
    assert kinds == ["answer", "refusal"]


async def test_a_second_fallback_offers_a_person_by_itself(bot: Bot) -> None:
    body = await bot.ask("what is the capital of peru", fallbacks_in_a_row=1)
    message = body["messages"][0]
    assert message["response"] == "utter_fallback_person"
    assert message["choices"] == [{"label": "handoff"}, {"label": "callback"}]


@pytest.mark.parametrize("fallbacks", [1, 2])
async def test_what_a_fallback_offers_can_be_accepted_and_declined(
    bot: Bot, fallbacks: int
) -> None:
    for text in ("yes", "Yes please!", "pls", "sure", "I would like that", "sí"):
        kinds = await bot.kinds(text, fallbacks_in_a_row=fallbacks, last_entry="blina-what")
        assert kinds == ["handoff"], text
    for text in ("no", "no thank you", "not really"):
        body = await bot.ask(text, fallbacks_in_a_row=fallbacks, last_entry="blina-what")
        assert body["messages"][0]["response"] == "utter_smalltalk_okay", text
    body = await bot.ask("maybe", fallbacks_in_a_row=fallbacks)
    assert body["messages"][0]["response"] == "utter_clarify_pronoun"


async def test_small_talk_stays_small_talk_after_an_answer(bot: Bot) -> None:
    assert await bot.kinds("thanks", last_entry="blina-what") == ["smalltalk"]
    assert await bot.kinds("I want a person", last_entry="blina-what") == ["handoff"]
