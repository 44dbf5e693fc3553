"""Forms of the console."""

from __future__ import annotations

from typing import Any

from django import forms

from conversations import contact_codes
from conversations.access import RecordSheet
from conversations.results import ContactDraft
from conversations.services.contact_records import LONGEST_NOTE

_CHOOSE = ("", "choose")


class ContactRecordForm(forms.Form):
    """A contact record: three lists to choose from, two to tick, a note.

    Lists are native ones, so that a first letter chooses and Tab goes on: with the keyboard alone
    it is filled in within a minute.
    """

    purpose = forms.ChoiceField(label="Purpose")
    asker = forms.ChoiceField(label="Who asked")
    next_step = forms.ChoiceField(label="Next step")
    topics = forms.MultipleChoiceField(
        label="Topics", required=False, widget=forms.CheckboxSelectMultiple
    )
    resources = forms.MultipleChoiceField(
        label="What the family was given", required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, sheet: RecordSheet, data: Any = None) -> None:
        """Take what the record starts from and, when it comes back, what was filled in."""
        draft = sheet.draft
        initial = {
            "purpose": draft.purpose,
            "asker": draft.asker,
            "next_step": draft.next_step,
            "topics": list(draft.topics),
            "resources": [f"{kind}:{name}" for kind, name in draft.resources],
            "note": draft.note,
        }
        super().__init__(data, initial=initial)
        lists = {
            "purpose": [_CHOOSE, *contact_codes.PURPOSES.items()],
            "asker": [_CHOOSE, *contact_codes.ASKERS.items()],
            "next_step": [_CHOOSE, *contact_codes.NEXT_STEPS.items()],
            "topics": list(contact_codes.topics().items()),
            "resources": [
                (f"{kind}:{name}", contact_codes.resource_title(kind, name))
                for kind, name in sheet.offered
            ],
        }
        for name, choices in lists.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  for the type checker
            field.choices = choices
        self.fields["purpose"].widget.attrs["autofocus"] = True

    def draft(self) -> ContactDraft:
        """What was filled in; only after `is_valid`."""
        cleaned = self.cleaned_data
        split = [value.partition(":") for value in cleaned["resources"]]
        return ContactDraft(
            purpose=cleaned["purpose"],
            asker=cleaned["asker"],
            next_step=cleaned["next_step"],
            topics=cleaned["topics"],
            resources=[(kind, name) for kind, _, name in split],
            note=cleaned["note"],
        )
