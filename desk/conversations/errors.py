"""One family of errors: a code, a status and data. The gateway turns them into problem+json."""

from __future__ import annotations

from typing import Any, ClassVar

from conversations.results import SafetyFinding


class DeskError(Exception):
    """Something a caller asked for that cannot be done, in words for that caller.

    Attributes:
        code: stable name from the documented list.
        status: HTTP status that fits.
        title: one sentence, free of anything a visitor wrote.
        data: more facts, ready for JSON.
        safety: what the refused text called for, if it described an emergency or a crisis.
    """

    code: ClassVar[str] = "desk_error"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "This cannot be done."

    def __init__(
        self, detail: str = "", *, safety: SafetyFinding | None = None, **data: Any
    ) -> None:
        self.detail = detail or self.title
        self.safety = safety
        self.data = data
        super().__init__(f"{self.code}: {self.detail}")


class UnknownConversation(DeskError):
    """No such conversation, or not with this token: the two cannot be told apart."""

    code = "unknown_conversation"
    status = 404
    title = "There is no such conversation."


class UnknownResumeLink(DeskError):
    """Nobody here made this link, or some of it is missing."""

    code = "unknown_resume_link"
    status = 404
    title = "This link is not complete, or not one of ours."


class ResumeLinkSpent(DeskError):
    """The link was used, replaced by another, or has expired."""

    code = "resume_link_spent"
    status = 410
    title = "This link was used already, or has expired."


class AlreadyScored(DeskError):
    """This stretch of talk was scored before."""

    code = "already_scored"
    status = 409
    title = "This part of the chat was rated already."


class UnknownMessage(DeskError):
    """The conversation has no such message, or none of the kind that is needed."""

    code = "unknown_message"
    status = 404
    title = "There is no such message in this conversation."


class UnknownCallback(DeskError):
    """There is no such callback."""

    code = "unknown_callback"
    status = 404
    title = "There is no such callback."


class CallbackTaken(DeskError):
    """A colleague works on this callback; data: owner."""

    code = "callback_taken"
    status = 409
    title = "A colleague works on this by now."


class CallbackDone(DeskError):
    """The callback was worked to its end before."""

    code = "callback_done"
    status = 409
    title = "This was worked to its end already."


class UnknownMail(DeskError):
    """There is no such mail."""

    code = "unknown_mail"
    status = 404
    title = "There is no such mail."


class MailNotHeld(DeskError):
    """Nobody has to read this mail any more."""

    code = "mail_not_held"
    status = 409
    title = "This mail waits for no reader any more."


class MailOff(DeskError):
    """No mail server is set."""

    code = "mail_off"
    status = 503
    title = "This desk sends no mail."


class TooManyMails(DeskError):
    """Enough copies went out today, from this conversation or to this address.

    Data: retry_seconds.
    """

    code = "too_many_mails"
    status = 429
    title = "Enough copies were sent today. Save or print the conversation instead."


class UnknownEntry(DeskError):
    """The desk has no such entry."""

    code = "unknown_entry"
    status = 404
    title = "There is no such entry."


class ConversationClosed(DeskError):
    """A closed conversation takes no messages."""

    code = "conversation_closed"
    status = 409
    title = "This conversation is closed."


class TextEmpty(DeskError):
    """Nothing is left of the text after trimming."""

    code = "text_empty"
    status = 422
    title = "Write at least one character."


class TextTooLong(DeskError):
    """The text has more characters than a message may have; data: max_length."""

    code = "text_too_long"
    status = 422
    title = "The text is too long; please send it in parts."


class BlanksOpen(DeskError):
    """A reply still holds a blank of a template; data: blanks."""

    code = "blanks_open"
    status = 422
    title = "Fill in every blank before you send."


class ClientIdReused(DeskError):
    """The same client id came before with something else."""

    code = "client_id_reused"
    status = 409
    title = "This client_id was used for something else before."


class UnknownChoice(DeskError):
    """Nobody offered this choice in this conversation."""

    code = "unknown_choice"
    status = 422
    title = "There is no such choice in this conversation."


class StaleEpoch(DeskError):
    """Control has moved since this was written; nothing was stored."""

    code = "stale_epoch"
    status = 409
    title = "Somebody else is in control of the conversation by now."


class NotInControl(DeskError):
    """The sender is not the one in control."""

    code = "not_in_control"
    status = 409
    title = "You are not in control of this conversation."


class NotQueued(DeskError):
    """The conversation is not waiting for a person."""

    code = "not_queued"
    status = 409
    title = "This conversation is not waiting for a person."


class AlreadyClaimed(DeskError):
    """A colleague was quicker; data: specialist."""

    code = "already_claimed"
    status = 409
    title = "A colleague has taken this conversation."


class AtCapacity(DeskError):
    """The specialist holds as many conversations as they take; data: held, capacity."""

    code = "at_capacity"
    status = 409
    title = "You already hold as many conversations as you take. Take it all the same?"


class CannotTransfer(DeskError):
    """This conversation cannot be offered to that colleague; the detail says why."""

    code = "cannot_transfer"
    status = 409
    title = "This conversation cannot be offered to that colleague."


class TransferOver(DeskError):
    """The offer was answered, withdrawn or has lapsed; data: state."""

    code = "transfer_over"
    status = 409
    title = "This offer has ended."


class UnknownTransfer(DeskError):
    """There is no such offer."""

    code = "unknown_transfer"
    status = 404
    title = "There is no such offer."


class SecondReaderNeeded(DeskError):
    """Replies wait for a colleague's release; nothing was sent."""

    code = "second_reader_needed"
    status = 409
    title = "A colleague reads replies before the family does; hand it in for reading."


class UnknownHeldReply(DeskError):
    """There is no such held reply."""

    code = "unknown_held_reply"
    status = 404
    title = "There is no such held reply."


class HeldReplyOver(DeskError):
    """The held reply was released, returned or withdrawn; data: state."""

    code = "held_reply_over"
    status = 409
    title = "This reply no longer waits to be read."


class NobodyToAdvise(DeskError):
    """No colleague talks with this family now."""

    code = "nobody_to_advise"
    status = 409
    title = "No colleague talks with this family now."


class NewerMessages(DeskError):
    """Something was written since the sender last looked; data: last_seq."""

    code = "newer_messages"
    status = 409
    title = "There is a newer message above. Send anyway?"


class NewerAlarm(DeskError):
    """The conversation was flagged urgent again since the specialist last looked."""

    code = "newer_alarm"
    status = 409
    title = "There is a newer alarm. Read it first; the conversation stays urgent."


class AnswerRefused(DeskError):
    """The bot named a text that the desk does not have, or not in this version."""

    code = "answer_refused"
    status = 502
    title = "The bot named a text that the desk may not show."


class InvalidInput(DeskError):
    """Fields that cannot be used; data: errors = [{"field": …, "message": …}]."""

    code = "invalid_input"
    status = 422
    title = "Some of this cannot be used."


class NotAllowed(DeskError):
    """The account's roles do not allow this."""

    code = "not_allowed"
    status = 403
    title = "Your account may not do this."
