"""Where packages come from is the machine's affair: no file of the project names a host of a package index."""

import re

import pytest

# Written in parts, so that this file does not name them either.
NAMES = [
    ("pypi", "org"),
    ("pypi", "python", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "(org|com)"),
    ("yarnpkg", "com"),
    ("(deb|ftp|security|snapshot|archive)", "debian", "org"),
    ("(archive|security|ports)", "ubuntu", "com"),
    ("anaconda", "org"),
    ("proxy", "golang", "org"),
    ("crates", "io"),
    ("pkg", "dev"),
]
HOST = re.compile(
    "|".join(
        [
            *(r"\b" + r"\.".join(parts) + r"\b" for parts in NAMES),
            r"""(index|registry|find[-_]links|mirror)[-_a-z]*["' ]*[=:]?["' ]*(https?|file)://""",
            r"""\b(https?|file)://[^\s"']+(\.whl|\.tgz|\.tar\.gz|/simple)\b""",
        ]
    ),
    re.IGNORECASE,
)


def named_hosts(files):
    return [
        f"{path}:{number}"
        for path, content in files.items()
        if b"\0" not in content
        for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1)
        if HOST.search(line)
    ]


def test_no_file_names_a_host_of_a_package_index(files):
    assert named_hosts(files) == []


@pytest.mark.parametrize(
    "parts",
    [
        ["--index-url https:", "//packages.example.net/all"],
        ["find-links = file:", "///srv/wheels"],
        ["registry=https:", "//packages.example.net/"],
        ["flask @ https:", "//example.net/flask-3.1.whl"],
        ["source: https:", "//example.net/simple"],
        ["https://", "files.python", "hosted.org/packages"],
        ["see https://pypi", ".org/project/flask"],
        ["resolved https://registry.np", "mjs.org/a"],
        ["deb http://deb.deb", "ian.org/debian bookworm main"],
    ],
    ids=lambda parts: parts[-1],
)
def test_a_host_of_a_package_index_is_found(parts):
    assert named_hosts({"file.txt": f"first line\n{''.join(parts)}\n".encode()}) == ["file.txt:2"]


@pytest.mark.parametrize(
    "line",
    [
        "https://www.apache.org/licenses/LICENSE-2.0",
        "an index of words: days",
        "apt-get install poppler-utils",
    ],
)
def test_other_addresses_and_words_stay(line):
    assert named_hosts({"file.txt": line.encode()}) == []


def test_a_binary_file_is_not_read_as_text():
    assert named_hosts({"logo.png": b"\0" + b"pypi" + b".org"}) == []
