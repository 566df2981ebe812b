"""A parsed page: text, forms and links; and checks that apply to every page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import attrs
from werkzeug.test import TestResponse

INLINE = frozenset({"a", "bdi", "cite", "small", "span", "strong", "time"})
VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


@attrs.define
class Form:
    """One form of a page, with the initial values of its fields."""

    action: str
    method: str
    fields: dict[str, str] = attrs.field(factory=dict)
    button: str = ""


@attrs.define
class Page(HTMLParser):
    """One answer of the shop, parsed as HTML."""

    response: TestResponse
    tags: list[tuple[str, dict[str, str]]] = attrs.field(factory=list)
    forms: list[Form] = attrs.field(factory=list)
    faults: list[str] = attrs.field(factory=list)
    words: list[str] = attrs.field(factory=list)
    titles: list[str] = attrs.field(factory=list)
    _open: list[str] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        super().__init__()
        if self.response.mimetype == "text/html":
            self.feed(self.response.text)
            self.close()
        self.faults.extend(f"<{tag}> is never closed" for tag in self._open)

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def location(self) -> str:
        return self.response.headers.get("Location", "")

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    @property
    def title(self) -> str:
        return "".join(self.titles)

    @property
    def h1(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.response.text, re.DOTALL)
        assert found is not None, "a page without a heading"
        return re.sub(r"<[^>]+>", "", found[1]).strip()

    @property
    def policy(self) -> dict[str, list[str]]:
        """The content security policy, by directive."""
        told = self.response.headers["Content-Security-Policy"].split(";")
        return {name: sources for name, *sources in (part.split() for part in told)}

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def form(self, action: str) -> Form:
        """The form with this action."""
        for form in self.forms:
            if form.action == action:
                return form
        raise AssertionError(f"no form goes to {action}; there are {self.forms}")

    def offers(self, action: str) -> bool:
        return any(form.action == action for form in self.forms)

    def links_to(self, address: str) -> bool:
        return any(a.get("href") == address for a in self.all("a"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.tags.append((tag, told))
        if tag not in INLINE:
            self.words.append(" ")
        if tag not in VOID:
            self._open.append(tag)
        if tag == "form":
            self.forms.append(Form(told.get("action", ""), told.get("method", "get")))
        self._note_field(tag, told)

    def _note_field(self, tag: str, told: dict[str, str]) -> None:
        name = told.get("name", "")
        if tag != "input" or not name or not self.forms:
            return
        if told.get("type") == "radio" and "checked" not in told:
            return
        owner = self.forms[-1]
        if told.get("form"):
            return  # It belongs to a later form; the test selects it itself.
        owner.fields[name] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self.words.append(" ")
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1:]}")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title":
            self.titles.append(data)
        elif not self._open or self._open[-1] not in ("script", "style"):
            self.words.append(data)
        elif data.strip():
            self.faults.append(f"code inside <{self._open[-1]}>: {data[:40]}")


def faults_of(page: Page) -> list[str]:
    """The violations of the rules for every page."""
    faults = list(page.faults)
    faults += _scripts_and_styles(page)
    faults += _reading(page)
    for form in page.forms:
        ours = form.action.startswith("/")
        if form.method == "post" and ours != bool(form.fields.get("csrf_token")):
            faults.append(f"the form to {form.action} has no token, or shows ours to others")
    return faults


def _scripts_and_styles(page: Page) -> list[str]:
    faults = []
    nonces = [source[7:-1] for source in page.policy["script-src"] if source.startswith("'nonce-")]
    for script in page.all("script"):
        if not script.get("src"):
            faults.append("an inline script")
        if script.get("nonce") not in nonces:
            faults.append(f"a script without the nonce: {script}")
        own = script.get("src", "").startswith("/static/")
        if not own and not page.all("form"):
            faults.append(f"somebody else's script: {script}")
    for tag, attributes in page.tags:
        if tag == "style" or "style" in attributes:
            faults.append(f"an inline style on <{tag}>")
        faults += [f"{name} on <{tag}>" for name in attributes if name.startswith("on")]
    for link in page.all("link"):
        if not link.get("href", "").startswith("/static/"):
            faults.append(f"something from elsewhere: {link}")
    return faults


def _reading(page: Page) -> list[str]:
    """Accessibility problems for users of screen readers or of only a keyboard."""
    faults = []
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    summary = "summary-heading" in page.response.text
    if levels.count(1) != 1 or (levels[0] != 1 and not summary):
        faults.append(f"headings {levels}")
    in_body = levels[1:] if summary else levels
    if any(after > before + 1 for before, after in pairwise(in_body)):
        faults.append(f"headings leave out a level: {levels}")
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    faults += [f"two of id {one}" for one in set(ids) if ids.count(one) > 1]
    labelled = {label.get("for") for label in page.all("label")}
    for field in (*page.all("input"), *page.all("select")):
        plain = field.get("type") not in ("hidden", "radio")
        if plain and field.get("id") not in labelled:
            faults.append(f"a field without a label: {field}")
    for anchor in page.all("a"):
        target = anchor.get("href", "")
        if target.startswith("#") and target[1:] not in ids:
            faults.append(f"a link to nothing: {target}")
    if page.all("html") != [{"lang": "en"}]:
        faults.append("no language")
    return faults
