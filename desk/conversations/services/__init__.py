"""Everything that writes. Each service locks, checks, writes, audits and publishes on commit."""

from conversations.results import (
    Accepted,
    ContactDraft,
    Draft,
    HandoffOutcome,
    Opened,
    QueuedMail,
    RecordedSurvey,
    SafetyFinding,
    ScheduledCallback,
    Sent,
    TurnRecord,
)
from conversations.services.aftercare import give_feedback, record_survey
from conversations.services.alerts import alert_duty
from conversations.services.bot_turns import claim_turn, due_turns, fail_turn, record_bot_turn
from conversations.services.callbacks import (
    complete_callback,
    give_back_callback,
    hand_callback,
    note_attempt,
    reopen_callback,
    schedule_callback,
    take_callback,
)
from conversations.services.closing import close_conversation
from conversations.services.contact_records import close_and_record, record_contact
from conversations.services.entries import restore_entry, withdraw_entry
from conversations.services.erasing import (
    erase_conversation,
    erase_expired,
    expire_empty,
    replay_erasures,
)
from conversations.services.handoff import (
    ask_while_waiting,
    keep_waiting,
    leave_queue,
    request_handoff,
)
from conversations.services.mail import (
    claim_mail,
    due_mails,
    is_mail_wanted,
    note_mail_failed,
    note_mail_sent,
    queue_answer_mail,
    queue_transcript_mail,
    release_mail,
    return_mail,
)
from conversations.services.opening import open_conversation
from conversations.services.pages import note_page_left, note_page_open
from conversations.services.reading import note_transcript_read
from conversations.services.replies import send_reply
from conversations.services.resuming import make_resume_link, resume_conversation
from conversations.services.safety_replies import verdict_on
from conversations.services.second_reader import (
    confirm_reply,
    hold_reply,
    release_reply,
    return_reply,
    withdraw_reply,
)
from conversations.services.specialists import (
    add_note,
    claim_conversation,
    release_conversation,
    settle_urgent,
    take_over_conversation,
)
from conversations.services.supervision import advise, step_in
from conversations.services.timers import (
    close_idle,
    remind_waiting,
    requeue_vanished,
    tell_closed,
    warn_idle,
)
from conversations.services.transfers import (
    accept_transfer,
    decline_transfer,
    lapse_transfers,
    offer_transfer,
    withdraw_transfer,
)
from conversations.services.typing_hints import note_typing
from conversations.services.viewing import note_typing_staff, note_view
from conversations.services.visitor_messages import (
    accept_visitor_message,
    answer_lost_text,
    note_refused_text,
)

__all__ = [
    "Accepted",
    "ContactDraft",
    "Draft",
    "HandoffOutcome",
    "Opened",
    "QueuedMail",
    "RecordedSurvey",
    "SafetyFinding",
    "ScheduledCallback",
    "Sent",
    "TurnRecord",
    "accept_transfer",
    "accept_visitor_message",
    "add_note",
    "advise",
    "alert_duty",
    "answer_lost_text",
    "ask_while_waiting",
    "claim_conversation",
    "claim_mail",
    "claim_turn",
    "close_and_record",
    "close_conversation",
    "close_idle",
    "complete_callback",
    "confirm_reply",
    "decline_transfer",
    "due_mails",
    "due_turns",
    "erase_conversation",
    "erase_expired",
    "expire_empty",
    "fail_turn",
    "give_back_callback",
    "give_feedback",
    "hand_callback",
    "hold_reply",
    "is_mail_wanted",
    "keep_waiting",
    "lapse_transfers",
    "leave_queue",
    "make_resume_link",
    "note_attempt",
    "note_mail_failed",
    "note_mail_sent",
    "note_page_left",
    "note_page_open",
    "note_refused_text",
    "note_transcript_read",
    "note_typing",
    "note_typing_staff",
    "note_view",
    "offer_transfer",
    "open_conversation",
    "queue_answer_mail",
    "queue_transcript_mail",
    "record_bot_turn",
    "record_contact",
    "record_survey",
    "release_conversation",
    "release_mail",
    "release_reply",
    "remind_waiting",
    "reopen_callback",
    "replay_erasures",
    "request_handoff",
    "requeue_vanished",
    "restore_entry",
    "resume_conversation",
    "return_mail",
    "return_reply",
    "schedule_callback",
    "send_reply",
    "settle_urgent",
    "step_in",
    "take_callback",
    "take_over_conversation",
    "tell_closed",
    "verdict_on",
    "warn_idle",
    "withdraw_entry",
    "withdraw_reply",
    "withdraw_transfer",
]
