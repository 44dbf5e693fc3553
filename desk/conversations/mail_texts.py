"""The words of mails: approved texts, and what a specialist wrote between them."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from conversations import texts


@dataclass(frozen=True)
class AnswerFrame:
    """What stands around a specialist's answer by mail.

    Attributes:
        subject: one line.
        opening: above the answer.
        closing: below it.
    """

    subject: str
    opening: str
    closing: str

    def around(self, answer: str) -> str:
        """The whole mail as it is sent."""
        return f"{self.opening}\n\n{answer}\n\n{self.closing}\n"

    def within(self, body: str) -> str:
        """The answer inside a mail; all of it where the frame was another one then."""
        start, end = f"{self.opening}\n\n", f"\n\n{self.closing}\n"
        return body.removeprefix(start).removesuffix(end)


def answer_frame(specialist_name: str, reference: str) -> AnswerFrame:
    """The frame of an answer by this specialist to the callback with this reference."""
    return AnswerFrame(
        subject=_line("mail_answer_subject"),
        opening=_text("mail_answer_opening", specialist_name=specialist_name),
        closing=_text("mail_answer_closing", reference=reference),
    )


def transcript_mail() -> tuple[str, str]:
    """Subject and text of the mail that carries a visitor's own copy."""
    return _line("mail_transcript_subject"), _text("mail_transcript") + "\n"


def waiting_alert(minutes: int) -> tuple[str, str]:
    """Subject and text of the mail to staff that a family waits and nobody looks."""
    lines = (
        f"A family has been waiting for a person for {minutes} minutes or more, and nobody has",
        "their chat open.",
        "",
        f"Open the console: {settings.DESK_URL}/console/",
    )
    return "A family is waiting and nobody looks", "\n".join(lines) + "\n"


def overdue_alert(count: int) -> tuple[str, str]:
    """Subject and text of the mail to staff that follow-ups are overdue."""
    what = "One follow-up is overdue." if count == 1 else f"{count} follow-ups are overdue."
    link = f"Open the inbox: {settings.DESK_URL}/console/follow-up/"
    return what.rstrip("."), f"{what}\n\n{link}\n"


def _text(name: str, **live: str) -> str:
    return texts.compose("notice", name, live).text


def _line(name: str) -> str:
    return " ".join(_text(name).split())
