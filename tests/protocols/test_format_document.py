"""The page on the protocol format: its files are read and give its dates, and it knows every key of the reader."""

import re
import tomllib

import pytest

from planner.protocols.draft import protocol
from planner.protocols.entry import Reading
from planner.protocols.faults import Faults
from planner.protocols.names import Names
from planner.protocols.reader import check
from tests.protocols.documents import FORMAT, planned, recipes, rows

RECIPES = list(recipes())
FILES = {file: heading for heading, file, _, _ in RECIPES}


@pytest.mark.parametrize(
    ("file", "given", "expected"),
    [pytest.param(*recipe[1:], id=f"{recipe[0]}, {recipe[2]}") for recipe in RECIPES],
)
def test_a_file_of_the_page_gives_the_dates_of_the_page(file, given, expected):
    assert planned(file, given) == expected


@pytest.mark.parametrize("file", FILES, ids=FILES.values())
def test_a_file_of_the_page_has_nothing_doubtful(file, tmp_path):
    path = tmp_path / "protocol.toml"
    path.write_text(file, encoding="utf-8")

    _, doubts = check(path)

    assert doubts == ()


def test_the_page_shows_every_usual_schedule():
    assert len(FILES) == 12


def test_the_example_with_every_key_shows_every_key():
    file = next(file for file, heading in FILES.items() if heading == "An example with every key")
    shown = _keys_in(tomllib.loads(file), "")
    repeated = {"repeat", "numbers", "exception"}  # shown on a visit, and alike in every kind of table
    wanted = {kind: keys - repeated for kind, keys in _keys_of_the_page().items()}

    assert {kind: keys - shown.get(kind, set()) for kind, keys in wanted.items()} == dict.fromkeys(wanted, frozenset())
    assert repeated - shown["encounter"] == set()


def _keys_in(table, kind):
    """The keys that stand in a table and in those within it, by kind of table; lists count as their rows."""
    found = {kind or "file": set(table)}
    for key, value in table.items():
        for row in value if isinstance(value, list) else [value]:
            if isinstance(row, dict):
                for inner, keys in _keys_in(row, f"{kind}.{key}".strip(".")).items():
                    found.setdefault(inner, set()).update(keys)
    return found


def test_the_first_example_is_short_enough_to_be_read_at_once():
    lines = [line for line in next(iter(FILES)).splitlines() if line.strip()]

    assert len(lines) <= 30


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", FORMAT, re.DOTALL))
def test_every_block_of_the_page_is_toml(block):
    assert tomllib.loads(block)


def _keys_of_the_reader():
    """Every key that each kind of table knows, gathered by reading a table of each kind."""
    faults = Faults(lambda _: None)
    reading = Reading(faults, Names(faults))
    table = {"repeat": "r", "numbers": 1, "exception": [{"numbers": 1}], "source": [{"tag": "A"}]}
    visit = {"timing": {}, "window": {}, "stay": {}, "clock": {}, "code": "V", "epoch": "e", "name": "V", **table}
    data = {
        "repeat": [{"code": "r", "numbers": 1}],
        "protocol": {"key_visit": {}},
        "enrolment": {"source": [{"tag": "A"}]},
        **{kind: [table] for kind in ("date", "epoch", "decision")},
        "encounter": [visit],
        "rule": [table],
    }
    protocol(data, reading)
    return {".".join(kind) or "file": frozenset(keys) for kind, keys in reading.keys.items()}


def _keys_of_the_page():
    found = {}
    for heading, table in re.findall(r"^### (.+?)\n(.*?)(?=^##)", FORMAT, re.MULTILINE | re.DOTALL):
        keys = [row[0] for row in rows(table[table.find("| key |") :]) if row[0].startswith("`")]
        found[heading.strip("[]")] = frozenset(key.strip("`") for key in keys)
    return found


def test_the_page_and_the_reader_know_the_same_keys():
    reader, page = _keys_of_the_reader(), _keys_of_the_page()
    tables = {"protocol", "enrolment", "date", "epoch", "decision", "repeat", "encounter", "rule"}
    own = {kind: keys for kind, keys in reader.items() if not kind.endswith((".exception", ".source"))}

    assert reader.pop("file") - {"format"} == tables
    assert page["file"] == {"format"}
    assert {kind: page[kind] for kind in own if kind != "file"} == {k: v for k, v in own.items() if k != "file"}
    assert reader["encounter.source"] == reader["rule.source"] == page["encounter.source"] == reader["enrolment.source"]
    assert reader["encounter.exception"] == reader["rule.exception"] == page["encounter.exception"]
