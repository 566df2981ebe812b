"""Loading of extensions that are missing, broken or invalid."""

import logging
from datetime import UTC

import attrs
import pytest

from core.errors import Refused
from coursetill_testing.makers import ADA, run
from entrypoints.composition.wording import for_learners
from entrypoints.extensions import loader
from entrypoints.extensions.api import API, Extension, HealthCheck, Host, Link, Parts
from entrypoints.extensions.loader import ExtensionCannotBeUsed, ExtensionTablesAreBehind
from entrypoints.plugins import Installed
from entrypoints.settings.reader import SettingsAreWrong
from entrypoints.settings.shop import read_settings


def nothing(host: Host) -> Parts:
    return Parts()


def extension(**different) -> Extension:
    return Extension(**{"name": "club", "api": API, "open": nothing, **different})


def there(value, name="club"):
    """The extension as its package brings it: what it is, or how its import fails."""

    def load():
        if isinstance(value, BaseException):
            raise value
        return value

    return Installed(name, "1.0", "A club.", load)


def settings(names="club", **more):
    given = {"EXTENSIONS": names, "DATABASE_URL": "sqlite:///none.db", **more}
    return read_settings({f"COURSETILL_{name}": text for name, text in given.items()})


def opened(value, **more):
    known = settings(**more)
    found = loader.chosen_extensions(known, [there(value)])
    return loader.open_extensions(found, known, begin=None, read=None, now=None)


BROKEN = {
    "another version": (extension(api=API + 1), f"written for version {API + 1} of the shop's API"),
    "an import that fails": (ImportError("no module x"), "cannot be imported: ImportError: no mod"),
    "an import that ends the program": (SyntaxError("bad"), "cannot be imported: SyntaxError: bad"),
    "no extension at all": ("club", "its entry point is a str"),
    "another name": (extension(name="pub"), "it calls itself pub"),
}


@pytest.mark.parametrize("value, why", BROKEN.values(), ids=BROKEN.keys())
def test_an_enabled_and_broken_extension_stops_the_start_with_a_reason(value, why):
    with pytest.raises(ExtensionCannotBeUsed) as refused:
        opened(value)
    assert (refused.value.name, why in refused.value.why) == ("club", True)


def test_an_uninstalled_extension_stops_the_start_and_lists_the_installed_ones():
    with pytest.raises(ExtensionCannotBeUsed, match=r"not installed[.] Installed are: club"):
        loader.chosen_extensions(settings("club pub"), [there(extension())])
    with pytest.raises(ExtensionCannotBeUsed, match="Installed are: none"):
        loader.chosen_extensions(settings("pub"), [])


def test_a_disabled_extension_is_not_imported():
    broken = there(ImportError())
    assert loader.chosen_extensions(settings(""), [broken]) == ()
    named = loader.chosen_extensions(
        settings("club"), [there(extension()), there(ImportError(), "pub")]
    )
    assert [each.name for each in named] == ["club"]


def test_extensions_are_opened_in_the_configured_order():
    both = [there(extension()), there(extension(name="a-pub"), "a-pub")]
    assert [each.name for each in loader.chosen_extensions(settings("club  a-pub club"), both)] == [
        "club",
        "a-pub",
    ]


@pytest.mark.parametrize("names", ["Club", "club,pub", "club/../x", "-club"])
def test_an_impossible_extension_name_is_an_invalid_setting(names):
    with pytest.raises(SettingsAreWrong, match="COURSETILL_EXTENSIONS is"):
        settings(names)


def raising(error):
    def open_(host):
        raise error

    return open_


@attrs.frozen
class Prices:
    name: str

    def offers(self, learner, products, at, /):
        return ()


CANNOT_OPEN = {
    "it fails": (raising(RuntimeError("boom")), "cannot be opened: RuntimeError: boom"),
    "it brings something else": (lambda _: {}, "it opens to a dict"),
    "its prices go by another name": (
        lambda _: Parts(prices=Prices("pub")),
        "its prices call themselves pub",
    ),
}


@pytest.mark.parametrize("open_, why", CANNOT_OPEN.values(), ids=CANNOT_OPEN.keys())
def test_an_extension_that_fails_to_open_stops_the_start(open_, why):
    with pytest.raises(ExtensionCannotBeUsed, match=why):
        opened(extension(open=open_))


def test_extensions_opened_before_a_failing_one_are_closed():
    closed = []
    good = extension(open=lambda host: Parts(close=lambda: closed.append(host.name)))
    bad = extension(name="pub", open=raising(RuntimeError()))
    known = settings("club pub")
    found = loader.chosen_extensions(known, [there(good), there(bad, "pub")])
    with pytest.raises(ExtensionCannotBeUsed):
        loader.open_extensions(found, known, begin=None, read=None, now=None)
    assert closed == ["club"]


def test_an_extension_gets_only_its_own_settings():
    hosts = []
    more = {"CLUB_FEE": "5", "CLUB_EMPTY": " ", "SHOP_NAME": "A Shop"}
    knows = {"settings": ("FEE", "EMPTY"), "open": lambda host: hosts.append(host) or Parts()}
    opened(extension(**knows), **more)
    [host] = hosts
    assert (host.settings, host.shop_name, host.name) == ({"FEE": "5"}, "A Shop", "club")
    assert "none.db" not in repr(host)
    assert "FEE" not in repr(host)


def test_an_unknown_setting_of_an_extension_is_an_error():
    with pytest.raises(SettingsAreWrong, match="COURSETILL_CLUB_FEES is not a setting"):
        opened(extension(settings=("FEE",)), CLUB_FEES="5")


@attrs.define
class Tables:
    found: str
    closed: int = 0

    def upgrade(self):
        self.found = "at head"

    def state(self):
        return self.found

    def close(self):
        self.closed += 1


@pytest.mark.parametrize(
    "state, says",
    [
        ("empty", "has no tables yet. Run `coursetill db upgrade`"),
        ("older", "has older tables. Run `coursetill db upgrade`"),
        ("newer", "are newer than it is. Install the version of it that upgraded them"),
    ],
)
def test_extension_tables_at_another_revision_stop_the_start(state, says):
    tables = Tables(state)
    with pytest.raises(ExtensionTablesAreBehind) as refused:
        opened(extension(tables=lambda _: tables))
    assert tables.closed == 1
    assert says in for_learners(UTC).sentence(refused.value)


def test_an_extension_opens_after_its_tables_exist():
    tables = Tables("empty")
    club = extension(tables=lambda _: tables)
    loader.upgrade_tables(club, "sqlite:///none.db")
    assert [each.name for each in opened(club)] == ["club"]


def one(**parts):
    [found] = opened(extension(open=lambda _: Parts(**parts)))
    return found


def fail(*_):
    raise RuntimeError("boom")


def test_failing_links_are_left_out_and_logged(caplog):
    caplog.set_level(logging.ERROR)
    assert one(product_links=fail).links(fail, ADA, [run()]) == ()
    assert "extension club: its links failed" in caplog.text
    link = Link("Join", "/club/")
    assert one().links(lambda *_: iter([link]), ADA, [run()]) == (link,)
    assert one().links(None, ADA, [run()]) == ()


@pytest.mark.parametrize("address", ["https://example.org/", "//example.org/", "club", ""])
def test_a_link_must_point_to_this_shop(address):
    with pytest.raises(ValueError, match="address"):
        Link("Join", address)


def test_failing_checks_are_reported_as_a_problem():
    assert one(checks=fail).checks() == (
        HealthCheck("problem", "its own checks failed: RuntimeError: boom"),
    )
    assert one(checks=lambda: iter([HealthCheck("ok", "fine")])).checks() == (
        HealthCheck("ok", "fine"),
    )
    assert one().checks() == ()


@attrs.frozen
class NotAMember(Refused):
    def __str__(self):
        return "This is for members"


def test_a_rule_can_refuse_a_product_and_a_failing_rule_refuses_every_one():
    refusing, broken = one(rules=(lambda *_: NotAMember(), fail)).rules
    assert isinstance(refusing(ADA, run()), NotAMember)
    with pytest.raises(loader.ExtensionFailed) as failed:
        broken(ADA, run())
    assert failed.value.name == "club"


@pytest.mark.parametrize("where", ["", "no_such_module:x", "json:nothing"])
def test_commands_that_cannot_be_imported_report_it(where):
    with pytest.raises(ExtensionCannotBeUsed, match="its commands cannot be imported"):
        loader.command_of(extension(commands=where))
