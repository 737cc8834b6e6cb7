"""Every text of the project is UTF-8 without a byte order mark, with plain line ends."""

import pytest

TEXT = {".css", ".html", ".js", ".lock", ".md", ".po", ".pot", ".py", ".toml", ".txt"}
MARK = b"\xef\xbb\xbf"


def foreign_text(files):
    return [f"{path}: {fault}" for path, content in files.items() for fault in _faults(path, content)]


def _faults(path, content):
    if path.suffix not in TEXT:
        return
    try:
        content.decode()
    except UnicodeDecodeError as error:
        yield f"byte {error.start} is not UTF-8"
    if content.startswith(MARK):
        yield "starts with a byte order mark"
    if b"\r" in content:
        yield "has a carriage return"


def test_every_text_is_utf_8_with_plain_line_ends(files):
    assert foreign_text(files) == []


@pytest.mark.parametrize("suffix", sorted(TEXT))
@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("Größe".encode("latin-1"), "byte 2 is not UTF-8"),
        (MARK + b"x", "starts with a byte order mark"),
        (b"a\r\nb", "has a carriage return"),
    ],
    ids=["latin-1", "mark", "carriage-return"],
)
def test_foreign_text_is_found(tmp_path, suffix, content, fault):
    path = tmp_path / f"words{suffix}"

    assert foreign_text({path: content}) == [f"{path}: {fault}"]


def test_what_is_no_text_may_hold_any_byte(tmp_path):
    assert foreign_text({tmp_path / "words.mo": b"\xff\r"}) == []
