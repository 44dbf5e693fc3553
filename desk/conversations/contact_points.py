"""Phone numbers and e-mail addresses: read from what people type, and shown to staff."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import phonenumbers
from django.conf import settings
from email_validator import EmailNotValidError, validate_email
from phonenumbers import PhoneNumberFormat

from conversations.wording import cleaned

# The longest that anybody writes, with words such as "extension" in it.
_LONGEST_TYPED = 40
# What fits beside a number in its column; switchboards have at most six digits or so.
_LONGEST_EXTENSION = 10
_EXTENSION = ";ext="


@dataclass(frozen=True)
class ShownPhone:
    """A stored number as staff see it.

    Attributes:
        words: national for the house's own region, such as "(212) 555-0100 ext. 12";
            international for any other, such as "+52 55 1234 5678".
        link: for a `tel:` link, after RFC 3966.
        region: two letters such as "MX" for a number abroad, "" for one at home.
    """

    words: str
    link: str
    region: str


def read_phone(value: str, *, time_zone: str = "") -> str:
    """A phone number as +12125550100, with ";ext=12" behind it where there is an extension.

    A number without a country code is read the way it is dialled where the visitor is, as far as
    their time zone tells, and then the way it is dialled where the house is.

    Args:
        value: what was typed; "" and blanks give "".
        time_zone: the visitor's own, such as "America/Mexico_City", or "".

    Raises:
        ValueError: nobody can call this; in words for the visitor.
    """
    words = cleaned(value)
    if not words:
        return ""
    if len(words) <= _LONGEST_TYPED:
        for region in dict.fromkeys((region_of(time_zone), settings.PHONE_REGION)):
            if number := _valid(words, region):
                return _stored(number)
    raise ValueError(_problem_with(words))


def _valid(words: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(words, region or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return number if len(number.extension or "") <= _LONGEST_EXTENSION else None


def _problem_with(words: str) -> str:
    """What to change, for a number that is none."""
    example = phonenumbers.example_number(settings.PHONE_REGION)
    shown = phonenumbers.format_number(example, PhoneNumberFormat.NATIONAL) if example else ""
    how = f"Write it with area code, such as {shown}. From abroad begin with + and the country."
    try:
        number = phonenumbers.parse(words, settings.PHONE_REGION)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.TOO_LONG:
            return f"The phone number is too long. {how}"
        return f"Check the phone number. {how}"
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason in (
        phonenumbers.ValidationResult.TOO_SHORT,
        phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY,
    ):
        return f"The phone number is too short. {how}"
    if reason == phonenumbers.ValidationResult.TOO_LONG or len(words) > _LONGEST_TYPED:
        return f"The phone number is too long. {how}"
    return f"There is no such phone number. {how}"


def _stored(number: phonenumbers.PhoneNumber) -> str:
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return f"{e164}{_EXTENSION}{number.extension}" if number.extension else str(e164)


def shown_phone(stored: str) -> ShownPhone:
    """A number out of the database as staff read and dial it."""
    try:
        number = phonenumbers.parse(stored, None)
    except phonenumbers.NumberParseException:
        return ShownPhone(stored, stored, "")
    region = phonenumbers.region_code_for_number(number) or ""
    is_home = region == settings.PHONE_REGION
    form = PhoneNumberFormat.NATIONAL if is_home else PhoneNumberFormat.INTERNATIONAL
    link = phonenumbers.format_number(number, PhoneNumberFormat.RFC3966).removeprefix("tel:")
    return ShownPhone(phonenumbers.format_number(number, form), link, "" if is_home else region)


def read_email(value: str) -> str:
    """An email address in its usual form; "" for an empty one. Nothing is looked up.

    Raises:
        ValueError: nobody can write to this; in words for the visitor.
    """
    words = cleaned(value)
    if not words:
        return ""
    try:
        # Letters beyond ASCII before the @ reach no mail server that a desk can count on.
        found = validate_email(words, check_deliverability=False, allow_smtputf8=False)
        return found.normalized
    except EmailNotValidError:
        raise ValueError("Check the email address. It looks like name@example.org.") from None


def region_of(time_zone: str) -> str:
    """The country of a time zone in two letters; the house's own where that is not known."""
    return _regions().get(time_zone, settings.PHONE_REGION)


@cache
def _regions() -> dict[str, str]:
    """Countries by time zone, out of the zone database."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return {row[2].strip(): row[0] for row in rows if len(row) > 2}
