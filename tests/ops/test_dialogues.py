import json

import pytest

from ops.dialogues import check_report
from ops.plain import Stop


def make_report(folder, **counts):
    report = folder / "story_report.json"
    report.write_text(json.dumps({"conversation_accuracy": counts} if counts else {}))
    return report


def test_a_report_of_dialogues_that_all_went_well_gives_their_number(tmp_path):
    assert check_report(make_report(tmp_path, correct=31, total=31)) == 31


@pytest.mark.parametrize("counts", [{}, {"correct": 0, "total": 0}])
def test_no_dialogue_at_all_is_a_failure(counts, tmp_path):
    with pytest.raises(Stop, match="no dialogue"):
        check_report(make_report(tmp_path, **counts))


def test_a_dialogue_that_went_otherwise_is_a_failure(tmp_path):
    with pytest.raises(Stop, match="2 of 31"):
        check_report(make_report(tmp_path, correct=29, total=31))
