"""Temperatures and figures of a monitor, as words that rules can name."""

import re

FEVER, LOW_GRADE, COLD, NUMBER = "#fever", "#lowgrade", "#cold", "#num"
LOW_OXYGEN, FAST_BREATH, ODD_PULSE = "#lowsat", "#fastbreath", "#oddpulse"

# The more careful reading of where the sources differ: 100.4 F (38.0 C) is a fever
# (safety-004), 99.4 F (37.4 C) may be one under the arm or in a young baby (safety-006,
# safety-007), and under 36.0 C (96.8 F) may be a sign of infection (safety-013).
_FAHRENHEIT = (90.0, 96.8, 99.4, 100.4, 110.0)
_CELSIUS = (33.0, 36.0, 37.4, 38.0, 43.0)

_NUMBER = re.compile(
    r"(?<![\w.,$#+])(?<!\d[:/-])(?!911\b|999\b|112\b)(\d{2,3})(?:[.,](\d{1,2})|\s+point\s+(\d))?(?![\d/:]|[.,]\d)"
    r"\s*(°\s*[cf]?\b|º\s*[cf]?\b|degrees?\b(?:\s*[cf]\b)?|deg\b|grados\b|celsius\b|celcius\b"
    r"|fahrenheit\b|farenheit\b|centigrade\b|[cf]\b)?"
)
# What makes a number something else than a temperature.
_OTHER_UNIT = re.compile(
    r"\s*-?\s*(%|percent|per\b|weeks?\b|weekers?\b|wks?\b|days?\b|months?\b|mos?\b|years?\b|yrs?\b"
    r"|y/?o\b|hours?\b|hrs?\b|h\b|minutes?\b|mins?\b|seconds?\b|secs?\b|mg\b|mcg\b|ml\b|mls\b|cc\b"
    r"|kg\b|kilos?\b|lbs?\b|pounds?\b|oz\b|ounces?\b|grams?\b|cm\b|mm\b|inch|units?\b|dollars?\b"
    r"|bucks\b|euros?\b|patients?\b|babies\b|kids\b|children\b|sites?\b|hospitals?\b|centers?\b"
    r"|countries\b|people\b|families\b|times\b|doses?\b|bpm\b|miles?\b|am\b|pm\b|st\b|nd\b|rd\b"
    r"|th\b|semanas?\b|meses\b|dias\b|anos\b|horas?\b|pages?\b|calls?\b|wet\b|steps?\b)"
)
_OTHER_BEFORE = re.compile(
    r"(age|aged|room|bed|week|day|page|floor|table|unit|weighs?|weight|anc|wbc|platelets?|plts?|counts?"
    r"|hgb|hemoglobin|crp|alt|ast|level|levels|sats?|spo2|oxygen|o2|heart ?rate|pulse|hr|number"
    r"|interfant|aall|route|call|born|cd|channel|section|phone|ext|bp|over)"
    r"\s*(is|was|at|of|are|came back|came back at|[:-])?\s*$"
)
_ABOUT_HEAT = re.compile(
    r"\b(temps?|temperatur\w*|temprat\w*|tempat\w*|tempet\w*|tempur\w*|fevers?|feverish|febrile|fvr"
    r"|fever\w*|teeth\w*|thermomet\w*|reads?|reading|armpit|underarm|under ?arm|fiebre|calentura"
    r"|spik\w*|hit|tylenol|burning|hot|freezing|er|thermo)\b"
)
_PLACE = re.compile(
    r"\b(room|bath|bathwater|formula|fridge|refrigerat\w*|freezer|oven|store[ds]?|storage|storing"
    r"|car|outside|outdoors|weather|house|water bottle|apartment|sterilis\w*|steriliz\w*|wash\w*)\b"
)
_OF_A_CHILD = re.compile(
    r"\b(he|she|hes|shes|he's|she's|his|her|him|baby|son|daughter|child|kid|boy|girl|now|got|little|guy|kid|lad|grandson|grandbaby|daughters|twin|bebe"
    r"|hijo|hija|is at|its|it's)\b"
)

# Figures of a monitor. Who writes a figure that no monitor shows in a well baby has looked at one;
# where to draw the line is left wide, since the text that follows only says whom to call.
_OXYGEN = re.compile(
    r"\b(?:(?:o2\s*)?sats?|sp ?o2|o2|oxygen|saturation|saturacion|satting|desat\w*|pulse ?ox|ox"
    r"|oximeter)\b(?:\s+(?!and\b)[a-z']+){0,4}\s*[:=]?\s*(\d{2,3})(?![/\d]|\s*(?:/|l\b|liters?\b|ml\b))"
    r"|\b(\d{2})\s*%?\s*(?:on\s+)?(?:sats?|spo2|oxygen|o2)\b"
)
_BREATHS = re.compile(
    r"\b(?:rr|resps?|resp rate|respirations?|respiratory rate|breathing rate|breath\w*)\b"
    r"(?:\s+[a-z']+){0,3}\s*[:=]?\s*(\d{2,3})(?=\s*(?:$|[^\w\s]"
    r"|times|x\b|a min\w*|per min\w*|/|breaths"
    r"|and\b|on\b|with\b|hr\b|sats?\b|nasal))"
    r"|\b(\d{2,3})\s*(?:breaths|breathe)\b"
)
_PULSE = re.compile(
    r"\b(?:hr|heart ?rate|pulse|heartbeat|tachy\w*|brady\w*)\b"
    r"(?:\s+[a-z']+){0,3}\s*[:=,]?\s*(\d{2,3})\b(?!\s*%)"
    r"|\b(\d{2,3})\s*bpm\b"
)
_SHORT_RATE = re.compile(r"\brr(?=[\s:=]*\d)")
_MONITORS = (
    # What to look for, the word for it, and from where to where it is well.
    (_OXYGEN, LOW_OXYGEN, 92, 100),
    (_BREATHS, FAST_BREATH, 20, 59),
    (_PULSE, ODD_PULSE, 70, 185),
)

# A point that was not typed: "temp 1004", "1012 f", "thermometer reads 385". Behind "at" stands a
# clock time as often.
_LOST_POINT = (
    re.compile(
        r"\b(temps?|temperature|fevers?|fiebre|thermometer|thermo)\b"
        r"((?:\s+(?:is|was|of|reads?|says?|said|shows?|showed|now|just|about)\b|\s*[:=]){0,3}\s*)"
        r"\b(10[0-7]|3[6-9]|4[0-2])(\d)(?=\s*[cf]?\b)(?![/:.,]?\d)"
        r"(?!\s*(?:mg|mcg|ml|mls|cc|kg|g|grams?|lbs?|times|days?|weeks?|hours?|pages?|dollars?)\b)"
    ),
    re.compile(r"()()\b(10[0-7])(\d)(?=\s*(?:°\s*)?f\b)"),
)
_FEW_LETTERS = 60
_NO_SPACE = re.compile(r"\b(temps?|temperature|fever|fiebre)(?=\d{2,3}(?!\d))")
_LETTER = re.compile("[a-z]")
_TENS = {"thirty": 30, "forty": 40, "ninety": 90, "treinta": 30, "cuarenta": 40}
_ONES = {"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_ONES |= {"eight": 8, "nine": 9, "uno": 1, "dos": 2, "tres": 3, "siete": 7, "ocho": 8, "nueve": 9}
_SPELLED = re.compile(
    r"\b(?:(thirty|forty|ninety|treinta|cuarenta)(?:[\s-]+(?:y\s+)?(one|two|three|four|five|six|seven"
    r"|eight|nine|uno|dos|tres|siete|ocho|nueve))?|(?:a|one)\s+hundred(?:\s+(?:and\s+)?"
    r"(one|two|three|four|five|six))?|one\s+(?:oh|o|zero)\s+(one|two|three|four|five|six))"
    # "a hundred and ten", "forty winks", "forty-something": no temperatures.
    r"(?!\s+(?:and\s+)?(?:seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty)\b"
    r"|[\s-]+(?:winks|something|odd|square)\b)"
    r"(?:\s+(?:point|punto)\s+(zero|one|two|three|four|five|six|seven|eight|nine))?\b"
)


def _spelled_number(match: re.Match[str]) -> str:
    tens, ones, hundreds, short, tenth = match.groups()
    if tens:
        whole = _TENS[tens] + (_ONES[ones] if ones else 0)
    else:
        whole = 100 + (_ONES[hundreds or short] if hundreds or short else 0)
    return f"{whole}.{_ONES[tenth]}" if tenth else str(whole)


def _band(value: float, bounds: tuple[float, ...]) -> str | None:
    lowest, cold, raised, fever, highest = bounds
    if not lowest <= value <= highest:
        return None
    if value >= fever:
        return FEVER
    if value >= raised:
        return LOW_GRADE
    return COLD if value < cold else NUMBER


def _word_for(match: re.Match[str], text: str, is_alone: bool) -> str:
    whole, tenth, spoken, unit = match.groups()
    tenth = tenth or spoken
    value = float(f"{whole}.{tenth}" if tenth else whole)
    bounds = _FAHRENHEIT if value >= 90 else _CELSIUS
    band = _band(value, bounds)
    around = text[max(0, match.start() - 80) : match.end() + 60]
    after = text[match.end() : match.end() + 14]
    before = text[max(0, match.start() - 30) : match.start()]
    # Without a tenth, "tiene 39" is an age as often as a temperature.
    is_age = not tenth and before.rstrip().endswith("tiene")
    if band is None or _OTHER_UNIT.match(after) or _OTHER_BEFORE.search(before) or is_age:
        return NUMBER
    if _PLACE.search(text[match.end() : match.end() + 20]) or (
        _PLACE.search(around) and not _OF_A_CHILD.search(around)
    ):
        return NUMBER
    about_heat = bool(unit) or bool(_ABOUT_HEAT.search(around))
    own = bool(_OF_A_CHILD.search(around))
    if band == FEVER:
        if about_heat or is_alone or tenth:
            return band
        # Of a child and of nothing else, in few words ("hes 39"), it is one; in many an age, a
        # count or a price as often, unless no parent is as old.
        is_plain = len(text) <= _FEW_LETTERS or bounds is _FAHRENHEIT
        return (FEVER if is_plain else LOW_GRADE) if own else NUMBER
    if band == LOW_GRADE:
        return band if about_heat or (tenth and (is_alone or own)) else NUMBER
    if band == COLD:
        return band if about_heat else NUMBER
    return NUMBER


def _mark_monitors(text: str) -> str:
    text = _SHORT_RATE.sub("breathing", text)
    for pattern, word, lowest, highest in _MONITORS:
        for match in reversed(list(pattern.finditer(text))):
            group = 1 if match.group(1) else 2
            if not lowest <= int(match.group(group)) <= highest:
                text = f"{text[: match.start(group)]} {word} {text[match.end(group) :]}"
    return text


def mark_temperatures(text: str) -> str:
    """Put a word in place of each number: how high a temperature it is, or just a number.

    Args:
        text: lower case, without accents.

    Returns:
        The text with ` #fever `, ` #lowgrade `, ` #cold ` or ` #num ` for each number of two or
        three digits, written in digits or in words, and ` #lowsat `, ` #fastbreath ` or
        ` #oddpulse ` for a figure of a monitor that is far from well.
    """
    for pattern in _LOST_POINT:
        text = pattern.sub(r"\1\2\3.\4", text)
    text = _mark_monitors(_SPELLED.sub(_spelled_number, _NO_SPACE.sub(r"\1 ", text)))
    is_alone = not _LETTER.search(_NUMBER.sub("", text))
    return _NUMBER.sub(lambda match: f" {_word_for(match, text, is_alone)} ", text)
