from ops.keys import secret_key


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    key = secret_key(tmp_path)

    assert len(key) >= 50
    assert secret_key(tmp_path) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_every_house_has_a_key_of_its_own(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    assert secret_key(tmp_path / "a") != secret_key(tmp_path / "b")
