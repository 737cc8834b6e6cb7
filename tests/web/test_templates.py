"""House style of the templates: nothing unescaped, nothing inline, nothing that no page uses."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = {str(p.relative_to(ROOT / "templates")): p.read_text() for p in (ROOT / "templates").rglob("*.html")}
MODULES = "\n".join(path.read_text() for path in (ROOT / "planner").rglob("*.py"))
EMBEDDED = re.compile(r"\{%-?\s*(?:extends|from|import|include)\s+\"([^\"]+)\"")
REFUSED = {
    "unescaped": re.compile(r"\|\s*safe\b|autoescape\s+false|\bMarkup\b"),
    "a style of its own": re.compile(r"\bstyle=|<style\b"),
    "a script in an attribute": re.compile(r"\son\w+=", re.IGNORECASE),
    "a script on the page": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>"),
    "a script without the nonce": re.compile(r"<script(?![^>]*\bnonce=)[^>]*>"),
    "bold or italic without a meaning": re.compile(r"<(?:b|i|u|font|center)>"),
    "a form without an address": re.compile(r"<form(?![^>]*\baction=)[^>]*>"),
    "a form without a method": re.compile(r"<form(?![^>]*\bmethod=)[^>]*>"),
    "a link that runs": re.compile(r"javascript:", re.IGNORECASE),
    "an attribute without quotes": re.compile(r"<[a-z][^>]*\s(?!nonce)[a-z-]+=\{\{"),
    "somebody else's server": re.compile(r"(?:src|href)=\"(?:https?:)?//"),
}


def wrong(text):
    """What of the style a template breaks; comments are for us. A mail has no style sheet beside it."""
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    return [name for name, pattern in REFUSED.items() if pattern.search(text)]


def unused(templates, modules):
    """Templates that no view and no other template names; those of papers and mails have loaders of their own."""
    named = {name for text in templates.values() for name in EMBEDDED.findall(text)}
    short = {name: name.removeprefix("print/").removeprefix("mail/") for name in set(templates) - named}
    free = {name: (f'"{name}"', f'get_template("{bare}")', f'filled("{bare}"') for name, bare in short.items()}
    return sorted(name for name, ways in free.items() if not any(way in modules for way in ways))


def forms_without_token(text):
    """Forms that change something and carry no token."""
    forms = re.findall(r"<form[^>]*method=\"post\"[^>]*>(.*?)</form>", text, re.DOTALL)
    return [form for form in forms if "hidden(" not in form and "csrf_token()" not in form]


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_keeps_the_style_of_the_house(name):
    assert wrong(TEMPLATES[name]) == (["a style of its own"] if name.startswith("mail/notice") else [])


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_form_that_saves_carries_its_token(name):
    assert forms_without_token(TEMPLATES[name]) == []


def test_every_template_is_used():
    assert unused(TEMPLATES, MODULES) == []


def test_every_template_that_is_named_is_there():
    named = {name for text in TEMPLATES.values() for name in EMBEDDED.findall(text)}
    named |= set(re.findall(r"render_template\(\s*\"([^\"]+)\"", MODULES))

    assert sorted(named - set(TEMPLATES)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ words | safe }}", ["unescaped"]),
        ("{{ words|safe }}", ["unescaped"]),
        ("{{ words | safely }}", []),
        ('<p style="color: red">', ["a style of its own"]),
        ('<p onclick="go()">', ["a script in an attribute"]),
        ("<script>go()</script>", ["a script on the page", "a script without the nonce"]),
        ('<script src="a.js"></script>', ["a script without the nonce"]),
        ('<script src="a.js" nonce="{{ n }}" defer></script>', []),
        ("<b>word</b>", ["bold or italic without a meaning"]),
        ("<button>word</button>", []),
        ('<form method="post">', ["a form without an address"]),
        ('<form action="/">', ["a form without a method"]),
        ('<a href="javascript:go()">', ["a link that runs"]),
        ("<p class={{ words }}>", ["an attribute without quotes"]),
        ('<script src="//cdn.example/a.js" nonce="x">', ["somebody else's server"]),
        ("{# <b> and | safe are refused #}", []),
    ],
)
def test_a_planted_fault_is_found(text, found):
    assert wrong(text) == found


def test_a_planted_template_that_nobody_uses_is_found():
    planted = {"a.html": '{% extends "base.html" %}', "base.html": "", "b.html": ""}

    assert unused(planted, 'render_template("a.html")') == ["b.html"]


def test_a_planted_form_without_a_token_is_found():
    assert forms_without_token('<form method="post" action="/"><button>Go</button></form>') == ["<button>Go</button>"]
