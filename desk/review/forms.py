"""What a reviewer may filter by."""

from django import forms

from conversations.access import FLAGS, ReviewFilters

CONTROLS = [
    ("", "Any state"),
    ("bot", "With the bot"),
    ("queue", "Waiting"),
    ("specialist", "With a specialist"),
    ("closed", "Closed"),
]


class FilterForm(forms.Form):
    """The filters above the list; every one may be left empty."""

    control = forms.ChoiceField(choices=CONTROLS, required=False, label="State")
    flag = forms.ChoiceField(
        choices=[("", "Any flag"), *((name, name.capitalize()) for name in FLAGS)],
        required=False,
        label="Flag",
    )
    from_on = forms.DateField(
        required=False, label="From", widget=forms.DateInput(attrs={"type": "date"})
    )
    to_on = forms.DateField(
        required=False, label="To", widget=forms.DateInput(attrs={"type": "date"})
    )
    search = forms.CharField(required=False, max_length=200, label="Words")

    def filters(self) -> ReviewFilters:
        """What was chosen; a field that does not make sense narrows nothing."""
        self.is_valid()
        chosen = self.cleaned_data
        return ReviewFilters(
            control=chosen.get("control", ""),
            from_on=chosen.get("from_on"),
            to_on=chosen.get("to_on"),
            flags=(chosen["flag"],) if chosen.get("flag") else (),
            search=chosen.get("search", ""),
        )
