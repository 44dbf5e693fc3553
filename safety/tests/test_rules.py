"""Rule files and lexicon: each rule can fire, and a broken line says what to change."""

import re

import pytest

from safety import CATEGORIES, check
from safety.check import _judged_signs
from safety.lexicon import lexicon, read_data, slips
from safety.patterns import Patterns, RuleError, Vocabulary
from safety.reading import ASKED, STOP, read
from safety.rules import FRAME_KINDS, RULE_FILES, rules


def patterns(*lines):
    made = Patterns(lexicon(), Vocabulary(lexicon()))
    made.add("rule", list(lines))
    return made


def matches(line, text):
    vocabulary = Vocabulary(lexicon())
    made = Patterns(lexicon(), vocabulary)
    made.add("rule", [line])
    words = read(text, lexicon().knowing(vocabulary.named)).words
    return bool(made.find(vocabulary.doc(words), words))


@pytest.mark.parametrize(
    ("line", "text", "is_match"),
    [
        ("lips blue", "lips blue", True),
        ("lips blue", "lips are blue", False),
        ("lips ~1 blue", "lips are blue", True),
        ("lips ~1 blue", "lips banana blue", False),
        ("lips ..1 blue", "lips banana blue", True),
        ("lips ..4 blue", "lips are not blue", False),
        ("lips ..4 blue", "lips fine. blue hat", False),
        ("lips/face blue", "face blue", True),
        ("lips ^2 blue", "blue in the lips", True),
        ("lips ^2 blue", "lips seem blue", True),
        ("blue $", "he is blue", True),
        ("blue $", "blue hat", False),
        ("<kid> blue", "my daughter blue", True),
        ("breathing", "he breathes", True),
    ],
)
def test_line_matches(line, text, is_match):
    assert matches(line, text) is is_match


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("the lips", "filler"),
        ("dont wake", "short form; write do not"),
        ("<nobody> blue", "no class <nobody>"),
        ("lips ..30 blue", "spans 32 words"),
    ],
)
def test_broken_line_is_refused_with_what_to_change(line, problem):
    with pytest.raises(RuleError, match=problem):
        patterns(line)


def test_every_rule_has_lines_and_a_category():
    for rule in rules().by_id.values():
        assert rule.category in CATEGORIES
        assert rule.certainty in ("certain", "doubt")
    for file in RULE_FILES:
        for entry in read_data(f"rules/{file}.yml")["rules"]:
            assert entry.get("patterns") or entry.get("exact"), entry["id"]


def test_no_line_stands_twice_under_one_rule():
    for file in (*RULE_FILES, "frames"):
        data = read_data(f"rules/{file}.yml")
        for entry in data.get("rules", data.get("frames")):
            lines = entry.get("patterns", [])
            assert len(lines) == len(set(lines)), entry.get("id", entry.get("kind"))


def test_every_kind_of_frame_has_lines():
    assert {f["kind"] for f in read_data("rules/frames.yml")["frames"]} == FRAME_KINDS


def test_every_typed_word_of_the_lexicon_can_be_typed():
    data = read_data("lexicon.yml")
    for word, typed in data["words"].items():
        assert isinstance(word, str), f"quote {word!r} in lexicon.yml"
        for form in (typed or "").split():
            assert re.fullmatch("[a-z0-9]+", form), f"{form!r} under {word}"
    for phrase in data["phrases"]:
        assert re.fullmatch("[a-z0-9 ]+", phrase), phrase


@pytest.mark.parametrize("part", ["classes", "context"])
def test_classes_hold_our_words_alone(part):
    ours = {word for words in rules().lexicon.ours.values() for word in words} | {STOP, ASKED}
    for name, members in read_data("lexicon.yml")[part].items():
        assert set(str(members).split()) <= ours, name


def test_every_class_fits_in_a_lexeme():
    assert len(lexicon().classes) <= 45


@pytest.mark.parametrize(
    ("typed", "meant", "count"),
    [
        ("seizure", "seizure", 0),
        ("siezure", "seizure", 1),
        ("seizur", "seizure", 1),
        ("a", "bc", 2),
    ],
)
def test_slips_are_counted(typed, meant, count):
    assert slips(typed, meant) == slips(meant, typed) == count


def test_sentences_and_commas_are_kept():
    reading = read("no, he is blue. Is that ok?", rules().lexicon)
    assert [s.words[-1] for s in reading.sentences] == [".", "?"]
    assert reading.sentences[0].commas == {1}


def test_long_sentences_are_read_in_windows_that_overlap():
    reading = read("we went home and " * 100, rules().lexicon)
    assert len(reading.sentences) > 3
    covered = {
        place
        for s in reading.sentences
        for place in reading.places
        if s.start <= place <= s.end + 1
    }
    assert covered == set(reading.places)
    assert all(len(sentence.words) <= 57 for sentence in reading.sentences)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("grandpa is punching my mother again", "crisis_violence"),
        ("my uncle is beating up my sister", "crisis_violence"),
        ("i think i am going to do it tonight", "crisis_suicide"),
        ("he put rat poison in his mouth", "emergency_swallowed"),
        ("the poison is gone and i think he ate it", "emergency_swallowed"),
        ("the infusion got disconnected an hour ago", "emergency_device"),
        ("the numbers on the pump have not moved since noon", "emergency_device"),
        ("her fever is gone and i want to burn it all down with us in it", "crisis_harm_to_child"),
        ("he has not hit me for weeks but tonight he broke the door", "crisis_violence"),
        ("not suicidal but i stood on the bridge for an hour", "crisis_suicide"),
        ("he slid under in the bath, i dont know how long", "emergency_life"),
        ("another fit just now", "emergency_life"),
        ("there is lots of blood should i take him in", "emergency_life"),
        ("i'm afraid his line is bleeding", "emergency_life"),
        ("i am afraid her line came out", "emergency_device"),
        ("he's passed out, rash everywhere", "emergency_life"),
        ("my husband threw a cup at me", "crisis_violence"),
        ("i want to throw her against the wall", "crisis_harm_to_child"),
        ("i hurt his back", "crisis_harm_to_child"),
        ("my baby slipped under the water in the tub", "emergency_life"),
        ("feels like a furnace, we have no thermometer", "emergency_infection"),
    ],
)
def test_plain_words_of_danger(text: str, category: str) -> None:
    assert category in check(text).categories


@pytest.mark.parametrize(
    "text",
    [
        "he is going to beat this",
        "should i do it tonight or tomorrow, the dressing",
        "we are going to do it tonight, the first bath",
        "i'm on the train with a weak signal, which numbers are good",
        "we cannot live without my paycheck, who helps",
        "my hands shook when i opened the letter of the study",
        "they said her port may go under water after two weeks",
        "they took a lot of blood from her today",
    ],
)
def test_the_same_words_without_danger(text: str) -> None:
    assert not check(text).categories


@pytest.mark.parametrize(
    "text",
    [
        "we sit in the car with the engine running, he only sleeps there",
        "we are standing on the platform waiting for the train to the hospital",
        "i keep the medicine and a bottle of bleach locked away",
        "he cracked the door open and went in",
        "where do i hide the christmas presents from my husband",
        "he is under fluids at the hospital since monday",
    ],
)
def test_words_that_may_be_harmless_leave_the_bot_its_answer(text: str) -> None:
    assert check(text).certainty != "certain"


def found_by_rules(text: str) -> set[str]:
    """What the rules alone find in a text; weights change with each example."""
    found, _ = _judged_signs(read(text, rules().lexicon))
    return {rules().by_id[name].category for name in found}


@pytest.mark.parametrize(
    ("harmless", "danger", "category"),
    [
        ("he has a faint rash on his cheeks", "she fainted and has a rash", "emergency_life"),
        (
            "then we sat down with the consultant",
            "his o2 sat down with every feed",
            "emergency_life",
        ),
        ("we tiptoe so as not to wake him", "i can not wake him", "emergency_life"),
        ("he wakes every forty minutes", "he wont wake, every minute counts", "emergency_life"),
        ("i was dead against the study", "i wish i was dead", "crisis_suicide"),
        ("we looked and it isnt there", "eyes open but not there", "emergency_life"),
        (
            "one doctor in the letter and my wife went out",
            "there are letters for when i am gone",
            "crisis_suicide",
        ),
        ("the little ones love his lego", "he swallowed his lego", "emergency_swallowed"),
        ("he likes the cleaner, she sings", "he licked the cleaner", "emergency_swallowed"),
        (
            "he was blue at birth, cord round his neck",
            "he was blue at birth and now he is blue again",
            "emergency_life",
        ),
        (
            "terrified of the central line at home",
            "terrified of my husband at home",
            "crisis_violence",
        ),
        ("aml or all, i mix it up", "i mixed up the syringes", "emergency_device"),
        (
            "do we have to pull her brother out of preschool",
            "her brother pulled out the line after preschool",
            "emergency_device",
        ),
        (
            "he had a seizure in june and it never came back",
            "he had a seizure in june and now again",
            "emergency_life",
        ),
        (
            "in chapter four they whisper",
            "his teeth chatter since the flush",
            "emergency_infection",
        ),
        ("she throws him her crackers", "i want to throw him", "crisis_harm_to_child"),
    ],
)
def test_what_takes_a_sign_back_leaves_its_opposite(
    harmless: str, danger: str, category: str
) -> None:
    assert not found_by_rules(harmless)
    assert category in found_by_rules(danger)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("im done w this life", "crisis_suicide"),
        ("i quit life", "crisis_suicide"),
        ("he and i both leave tonight", "crisis_suicide"),
        ("the two of us go tonight", "crisis_suicide"),
        ("the blina got unhooked at home", "emergency_device"),
        ("blina isn't attached any more", "emergency_device"),
        ("the pump makes no sound and no light", "emergency_device"),
    ],
)
def test_short_words_for_grave_things(text: str, category: str) -> None:
    assert category in found_by_rules(text)


@pytest.mark.parametrize(
    "text",
    [
        "goodbye everyone, thank you for the help",
        "our baby is sick and there are so many papers",
        "i give the medicine, i flush the lines",
        "he has no strength left for stairs",
    ],
)
def test_what_is_often_harmless_is_never_certain(text: str) -> None:
    found, _ = _judged_signs(read(text, rules().lexicon))
    assert found
    assert "certain" not in found.values()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("i cant anymore", "crisis"),
        ("I think I'm done", "crisis"),
        ("ending it", "crisis"),
        ("might shake the baby", "crisis"),
        ("smother her", "crisis"),
        ("I'm scared of myself", "crisis"),
        ("my husband locked us in", "crisis"),
        ("he held me down by the hair", "crisis"),
        ("there are marks on the baby, like four fingers", "crisis"),
        ("I put my leg over the railing last night", "crisis"),
        ("the gun is in the cupboard. tonight I loaded it", "crisis"),
        ("the nurse hung a bag with another child's name on it", "emergency"),
        ("double chemo by mistake", "emergency"),
        ("they gave us the adult strength bottle", "emergency"),
        ("he fell headfirst", "emergency"),
        ("the pump has no light on it", "emergency"),
        ("the soft spot on her head looks like a little dip", "emergency"),
    ],
)
def test_dangers_told_in_few_or_calm_words_are_found(text, kind):
    assert check(text).kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "we are done with induction",
        "the nurse wrote her name on the bag of toys",
        "the milk gets a quick shake before he drinks",
        "she is scared of the mask",
        "we locked the door of the car",
        "is there an adult strength and a baby strength",
        "he held my finger all night",
        "I can't see any difference yet",
    ],
)
def test_words_like_theirs_alone_are_no_certain_danger(text):
    assert check(text).certainty != "certain"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I'm not planning on seeing the summer", "crisis"),
        ("soon there is no more me", "crisis"),
        ("what is the point of going on", "crisis"),
        ("I won't need any of this after Sunday", "crisis"),
        ("could I turn the pump up and then it's over", "crisis"),
        ("a cat bit his face", "emergency"),
        ("burn on her arm with a blister", "emergency"),
        ("pressure in my chest and down my left arm", "emergency"),
        ("I am pregnant and bleeding since lunch", "emergency"),
        ("he is having another one now", "emergency"),
    ],
)
def test_dangers_told_beside_something_else_are_found(text, kind):
    assert check(text).kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "a joke so silly I could die",
        "do the cancer cells commit suicide",
        "I cut myself some slack this weekend",
        "how do you talk about dying with a toddler",
        "his tongue is blue from the popsicle",
        "he had febrile seizures and grew out of them",
    ],
)
def test_figures_of_speech_and_old_stories_are_no_certain_danger(text):
    assert check(text).certainty != "certain"
