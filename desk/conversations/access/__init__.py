"""Everything that reads for a view. Each function checks, in one place, what may be read."""

from conversations.access.case_summary import Asked, CaseSummary, case_summary
from conversations.access.colleagues import (
    Colleague,
    Viewer,
    colleagues,
    is_alone,
    second_reading_applies,
    unread_counts,
    unseen_advice,
    viewers,
)
from conversations.access.contact_records import (
    RecordSheet,
    Stretch,
    record_sheet,
    records_to_complete,
)
from conversations.access.follow_ups import (
    FollowUp,
    FollowUpCounts,
    follow_up,
    follow_up_counts,
    follow_ups,
    possible_owners,
)
from conversations.access.messages import (
    MessagePage,
    exchange,
    messages_after,
    replies_to,
    with_choices,
)
from conversations.access.records import TurnFacts, turn_facts
from conversations.access.reply_tools import (
    Insert,
    find_entries,
    organisation_services,
    template_groups,
)
from conversations.access.review import FLAGS, ReviewFilters, ReviewPage, ReviewRow, review_page
from conversations.access.staff_views import (
    EntryRow,
    QueueRow,
    Transcript,
    conversation_for_staff,
    entry_list,
    my_conversations,
    queue_snapshot,
    transcript,
    watched,
    withdrawn_entries,
)
from conversations.access.teamwork import (
    LiveChat,
    held_replies,
    last_transfer,
    live_chats,
    offers_to,
)
from conversations.access.turns import first_pending_turn
from conversations.access.visitors import (
    Summary,
    conversation_for_token,
    expected_wait,
    summary,
    summary_of,
)
from conversations.access.waits import queue_position, wait_minutes

__all__ = [
    "FLAGS",
    "Asked",
    "CaseSummary",
    "Colleague",
    "EntryRow",
    "FollowUp",
    "FollowUpCounts",
    "Insert",
    "LiveChat",
    "MessagePage",
    "QueueRow",
    "RecordSheet",
    "ReviewFilters",
    "ReviewPage",
    "ReviewRow",
    "Stretch",
    "Summary",
    "Transcript",
    "TurnFacts",
    "Viewer",
    "case_summary",
    "colleagues",
    "conversation_for_staff",
    "conversation_for_token",
    "entry_list",
    "exchange",
    "expected_wait",
    "find_entries",
    "first_pending_turn",
    "follow_up",
    "follow_up_counts",
    "follow_ups",
    "held_replies",
    "is_alone",
    "last_transfer",
    "live_chats",
    "messages_after",
    "my_conversations",
    "offers_to",
    "open_callbacks",
    "organisation_services",
    "possible_owners",
    "queue_position",
    "queue_snapshot",
    "record_sheet",
    "records_to_complete",
    "replies_to",
    "review_page",
    "second_reading_applies",
    "summary",
    "summary_of",
    "template_groups",
    "transcript",
    "turn_facts",
    "unread_counts",
    "unseen_advice",
    "viewers",
    "wait_minutes",
    "watched",
    "with_choices",
    "withdrawn_entries",
]
