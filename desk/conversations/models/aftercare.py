"""What a visitor leaves besides messages: a wish to be called, a judgement."""

from django.conf import settings
from django.db import models

from conversations.models.conversation import Conversation
from conversations.models.message import Message


class CallbackState(models.TextChoices):
    """How far a callback has come."""

    OPEN = "open"
    DONE = "done"


class CallbackKind(models.TextChoices):
    """What the visitor is owed."""

    CALLBACK = "callback"  # To be called or written to.
    QUESTION = "question"  # An answer to a question left behind.


class CallbackOutcome(models.TextChoices):
    """How a callback ended; "" while it is open."""

    REACHED = "reached", "Reached them"
    ANSWERED = "answered", "Answered in writing"
    NOT_REACHED = "not_reached", "Could not be reached"  # Given up after several attempts.
    NOT_NEEDED = "not_needed", "No longer needed"


class CallbackRequest(models.Model):
    """A promise to contact a visitor later."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="callbacks"
    )
    client_id = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    reference = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=120, blank=True)
    # E.164, such as +12125550100, and ";ext=12" behind it where there is an extension.
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)
    preferred_time = models.CharField(max_length=200, blank=True)
    # What they wrote of it; of a question that was left, all that they wrote while waiting.
    topic = models.CharField(max_length=4000, blank=True)
    kind = models.CharField(max_length=10, choices=CallbackKind, default=CallbackKind.CALLBACK)
    state = models.CharField(max_length=10, choices=CallbackState, default=CallbackState.OPEN)
    outcome = models.CharField(max_length=15, choices=CallbackOutcome, blank=True)
    outcome_note = models.CharField(max_length=1000, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    # The last time, where it was done by mistake.
    reopened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["conversation", "client_id"], name="callback_client_id_once"
            ),
        )

    def __str__(self) -> str:
        return self.reference


class AttemptChannel(models.TextChoices):
    """How somebody tried."""

    PHONE = "phone"
    EMAIL = "email"


class AttemptResult(models.TextChoices):
    """What one try led to."""

    REACHED = "reached", "Reached them"
    NO_ANSWER = "no_answer", "No answer"
    VOICEMAIL = "voicemail", "Left a voice message"
    WRONG_NUMBER = "wrong_number", "Wrong number or address"
    SENT = "sent", "E-mail sent"
    NOT_SENT = "not_sent", "E-mail could not be sent"


class CallbackAttempt(models.Model):
    """One try to reach the visitor of a callback."""

    callback = models.ForeignKey(CallbackRequest, on_delete=models.CASCADE, related_name="attempts")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=AttemptChannel)
    result = models.CharField(max_length=15, choices=AttemptResult)
    note = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return f"attempt {self.pk}"


class Feedback(models.Model):
    """Whether one message of the bot helped; a second judgement replaces the first."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="feedback")
    is_helpful = models.BooleanField()
    comment = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"feedback on {self.message_id}"


class Survey(models.Model):
    """A score for the bot or for the specialist."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="surveys")
    client_id = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    about = models.CharField(max_length=10, choices=[("bot", "bot"), ("specialist", "specialist")])
    # The epoch of the stretch of talk that is scored; 0 where it was not recorded.
    epoch = models.PositiveIntegerField(default=0)
    score = models.PositiveSmallIntegerField()
    comment = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["conversation", "client_id"], name="survey_client_id_once"
            ),
            models.CheckConstraint(
                name="survey_score_one_to_five",
                condition=models.Q(score__gte=1) & models.Q(score__lte=5),
            ),
        )

    def __str__(self) -> str:
        return f"survey {self.pk}"
