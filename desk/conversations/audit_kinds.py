"""The kinds of audit entry this app writes. docs/audit.md is held to the list by a test."""

from audit import register

register("conversation.opened", "A visitor opened a conversation", "language")
register(
    "conversation.flagged",
    "A message described an emergency or a crisis",
    "category",
    "certainty",
    "is_stored",
)
register("conversation.unflagged", "A specialist saw to what made it urgent")
register("conversation.erased", "A conversation was erased for good", "messages")
register("conversation.read", "Staff opened a conversation that is not theirs")
register("resume.link_made", "The visitor made a link for another device")
register("resume.link_used", "The conversation goes on where that link was opened", "revoked")

# Every change of control, one entry each; `epoch` is the one that begins.
register("control.queued", "The conversation waits for a person", "epoch", "from", "asked_by")
register("control.claimed", "A specialist took the conversation", "epoch", "from", "waited_seconds")
register("control.taken_over", "A specialist stepped in for the bot", "epoch", "from")
register("control.released_to_queue", "The specialist gave it back to the queue", "epoch", "from")
register(
    "control.requeued",
    "The specialist's console was gone; the visitor waits again",
    "epoch",
    "from",
)
register("control.released_to_bot", "The specialist gave it back to the bot", "epoch", "from")
register("control.left_queue", "The visitor left the queue for the bot", "epoch", "from")
register("control.transferred", "A colleague accepted the conversation", "epoch", "from", "giver")
register("control.stepped_in", "A supervisor took the conversation", "epoch", "from")
register("control.closed", "The conversation was closed", "epoch", "from", "closed_by")

register(
    "handoff.callback_offered",
    "A person was asked for and nobody could join",
    "asked_by",
    "is_open",
    "is_staffed",
)
register("queue.reminded", "The visitor was asked whether to keep waiting")
register(
    "queue.closed_told", "A waiting visitor was told that the service has closed", "is_staffed"
)
register("queue.asks_while_waiting", "The visitor asks the bot while waiting")
register("idle.warned", "The visitor was told that the conversation would be closed")
register("turn.failed", "A bot turn ended without an answer", "failure")
register(
    "answer.withheld",
    "The bot named a withdrawn entry; the fallback was shown",
    "entry_id",
    "version",
)
register("transfer.offered", "A specialist offered the conversation to a colleague", "to")
register("transfer.declined", "The colleague left it with the specialist")
register("transfer.withdrawn", "The specialist took the offer back")
register("transfer.lapsed", "Nobody answered the offer, or control moved on", "reason")
register("reply.held", "A reply waits to be read by a colleague")
register("reply.confirmed", "Its author confirmed a held reply below newer messages")
register("reply.released", "A held reply was released to the visitor", "is_own")
register("reply.returned", "A held reply was given back to its author")
register("reply.withdrawn", "A held reply was taken back, or control moved on", "reason")
register("advice.given", "A supervisor advised the specialist in private", "to")
register("note.added", "A specialist wrote a note")
register("callback.scheduled", "A visitor asked to be contacted", "reference")
register("callback.taken", "A specialist took a callback to work on", "reference", "from")
register("callback.handed_over", "A callback was handed to a colleague", "reference", "to")
register("callback.given_back", "A callback has no owner again", "reference")
register(
    "callback.attempted",
    "Somebody tried to reach the visitor of a callback",
    "reference",
    "channel",
    "result",
)
register("callback.done", "A callback was worked to its end", "reference", "outcome")
register("callback.reopened", "A callback that was done is open again", "reference")
register("entry.withdrawn", "An admin withdrew an entry", "entry_id")
register("entry.restored", "An admin restored an entry", "entry_id")
register(
    "contact.recorded",
    "A specialist recorded what a stretch of talk was about",
    "epoch",
    "is_correction",
)
register("mail.queued", "A mail is to be sent", "about")
register("mail.held", "An answer by mail waits to be read by a colleague", "about")
register("mail.released", "An answer by mail was released", "is_own")
register("mail.returned", "An answer by mail was given back or taken back", "is_own")
register("mail.sent", "The mail server took a mail", "about", "attempts")
register("mail.failed", "A mail was given up", "about", "failure", "attempts")
