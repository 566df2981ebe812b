"""The form to CyberSource's hosted page is signed as CyberSource verifies it, or never shown."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cybersource.rest.settings import WrongSettings
from adapters.cybersource.secure_acceptance.fields import REQUIRED, problems, tidy
from adapters.cybersource.secure_acceptance.form import (
    FormItem,
    FormRefused,
    SecureAcceptance,
    SecureAcceptanceKey,
    SecureAcceptanceSettings,
    signature_of,
    signed,
)
from core.money import Currency, Money
from coursetill_testing.contracts.gateway_world import ACCOUNT, START, an_attempt
from tests.adapters.cybersource.vectors import SECURE_ACCEPTANCE

KEY = SecureAcceptanceKey(access_key="0123456789abcdef0123456789abcdef", secret="worthless-ключ")
NEW_KEY = SecureAcceptanceKey(access_key="fedcba9876543210fedcba9876543210", secret="new-ключ")
USUAL = SecureAcceptanceSettings(
    account=ACCOUNT,
    url="https://testsecureacceptance.cybersource.com",
    profile_id="A1B2C3D4-0000-4000-8000-00000000000A",
    keys=(KEY,),
    receipt_url="https://shop.example.org/back",
    cancel_url="https://shop.example.org/cancelled",
    notify_url="https://shop.example.org/notify",
)
VECTORS = [pytest.param(each, id=each["name"]) for each in SECURE_ACCEPTANCE["request_vectors"]]


def form(attempt=None, settings=USUAL, at=START, **more):
    return SecureAcceptance(settings).form(attempt or an_attempt(), at, **more).fields


@pytest.mark.parametrize("vector", VECTORS)
def test_a_form_has_the_signature_of_the_vector(vector):
    posted = vector["form_fields_as_posted"]
    added = ("signature", "signed_field_names", "unsigned_field_names")
    plain = {name: value for name, value in posted.items() if name not in added}
    assert signed(plain, vector["security_key"]) == posted
    assert list(problems(posted)) == []


def test_every_field_but_the_signature_is_signed():
    fields = form(items=[FormItem(code="c", name="Waves", price=Money.of("247.51"))], learner="ada")
    assert set(fields["signed_field_names"].split(",")) == fields.keys() - {"signature"}
    assert fields.keys() >= set(REQUIRED)
    assert fields["signature"] == signature_of(fields, KEY.secret)


def test_a_form_carries_the_amount_and_the_attempt():
    fields = form()
    assert fields["amount"] == "247.51"
    assert fields["currency"] == "USD"
    assert fields["transaction_type"] == "sale"
    assert fields["transaction_uuid"] == fields["merchant_defined_data1"] == "A-1"
    assert fields["reference_number"] == "CT-7K3M-Q9XD-2FVT"
    assert fields["signed_date_time"] == "2026-11-22T12:00:00Z"
    assert fields["override_backoffice_post_url"] == "https://shop.example.org/notify"


def test_a_form_is_posted_to_the_payment_page():
    action = SecureAcceptance(USUAL).form(an_attempt(), START).action
    assert action == "https://testsecureacceptance.cybersource.com/pay"


def test_an_amount_in_a_currency_without_decimals_has_none():
    assert form(an_attempt(amount=Money.of("500", Currency.JPY)))["amount"] == "500"


def test_only_a_digest_of_the_learners_id_is_sent():
    fields = form(learner="ada@example.org")
    assert len(fields["consumer_id"]) == 64
    assert "ada" not in "".join(fields.values())
    assert "consumer_id" not in form()


@pytest.mark.parametrize(
    ("address", "sent"),
    [("203.0.113.7", True), ("2001:db8::1", False), ("", False), ("203.0.113.7, 10.0.0.1", False)],
)
def test_an_address_is_sent_only_if_it_fits_the_field(address, sent):
    assert ("customer_ip_address" in form(address=address)) is sent


def test_lines_are_sent_and_add_up():
    items = [
        FormItem(code="waves", name="Waves [2026]", price=Money.of("100.00"), quantity=2),
        FormItem(code="sails", name="Sails", price=Money.of("47.51")),
    ]
    fields = form(items=items)
    assert fields["line_item_count"] == "2"
    assert fields["item_0_name"] == "Waves 2026"
    assert fields["item_0_quantity"] == "2"
    assert fields["item_1_unit_price"] == "47.51"


def test_lines_that_do_not_add_up_are_not_sent():
    with pytest.raises(FormRefused) as refusal:
        form(items=[FormItem(code="c", name="Waves", price=Money.of("247.50"))])
    assert refusal.value.names == ("amount",)


def test_inconsistent_lines_are_named():
    good = form(items=[FormItem(code="c", name="Waves", price=Money.of("247.51"))])
    assert list(problems(good)) == []
    assert list(problems({**good, "line_item_count": "2"})) == ["line_item_count"]
    for part in ("name", "sku", "quantity"):
        less = {name: value for name, value in good.items() if name != f"item_0_{part}"}
        assert list(problems(less)) == [f"item_0_{part}"]
        assert list(problems({**less, "item_0_code": "shipping"})) == []


def test_lines_beyond_the_limit_are_left_out():
    cent = Money(1)
    many = [FormItem(code=str(n), name="Waves", price=cent) for n in range(201)]
    assert "line_item_count" not in form(an_attempt(amount=Money(201)), items=many)
    assert form(an_attempt(amount=Money(200)), items=many[:200])["line_item_count"] == "200"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", "-1.00"),
        ("amount", "1e3"),
        ("amount", "1" * 16),
        ("amount", "\N{ARABIC-INDIC DIGIT ONE}0"),
        ("tax_amount", ""),
        ("currency", "US"),
        ("locale", "en_US"),
        ("locale", "EN"),
        ("transaction_type", "refund"),
        ("reference_number", "x" * 51),
        ("reference_number", "a\nb"),
        ("transaction_uuid", ""),
        ("signed_date_time", "2026-11-22 12:00:00"),
        ("merchant_defined_data1", "a<b"),
        ("merchant_defined_data101", "a"),
        ("merchant_defined_data1", "x" * 101),
        ("consumer_id", "ada@example.org"),
        ("customer_ip_address", "2001:db8::1"),
        ("override_backoffice_post_url", "https://shop.example.org/ü"),
        ("override_custom_receipt_page", "https://" + "a" * 250),
        ("bill_to_phone", "123"),
        ("bill_to_email", "ada"),
        ("ignore_avs", "yes"),
        ("item_0_quantity", "0"),
        ("item_200_name", "Waves"),
        ("line_item_count", "201"),
        ("card_number", "4111111111111111"),
        ("card_cvn", "123"),
        ("decision", "ACCEPT"),
        ("unheard_of", "1"),
    ],
)
def test_an_invalid_field_is_named(name, value):
    good = {k: v for k, v in form().items() if k != "signature"}
    assert name in set(problems({**good, name: value}))
    assert list(problems(good)) == []


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_field_is_named(name):
    assert name in set(problems({k: v for k, v in form().items() if k != name}))


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("Sails, “Wind” & Waves – it’s", 'Sails, "Wind" & Waves - it\'s'),
        ("a\r\nb\tc", "a b c"),
        ("[x] {y} <z> |\\`", "x y z"),
        ("Zoë 数学 हिन्दी", "Zoë 数学 हिन्दी"),
        ("🎓 Course €5", "Course 5"),
        ("", ""),
    ],
)
def test_a_title_is_shortened_to_fit_its_field(written, sent):
    assert tidy(written, 255) == sent


@given(st.text(max_size=400))
def test_a_form_can_be_sent_for_any_course_title(title):
    fields = form(items=[FormItem(code=title, name=title, price=Money.of("247.51"))])
    assert len(fields["item_0_name"]) <= 255


@pytest.mark.parametrize(
    ("keys", "signs"),
    [
        ((KEY, NEW_KEY), KEY),
        ((attrs.evolve(KEY, ends_at=START), NEW_KEY), NEW_KEY),
        ((attrs.evolve(KEY, ends_at=START + timedelta(seconds=1)), NEW_KEY), KEY),
        ((attrs.evolve(KEY, ends_at=START),), KEY),
    ],
)
def test_the_first_unexpired_key_signs(keys, signs):
    fields = form(settings=attrs.evolve(USUAL, keys=keys))
    assert fields["access_key"] == signs.access_key
    assert fields["signature"] == signature_of(fields, signs.secret)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", "https://apitest.cybersource.com"),
        ("url", "http://testsecureacceptance.cybersource.com"),
        ("url", "http://127.0.0.1:8090"),
        ("profile_id", ""),
        ("keys", ()),
        ("keys", (SecureAcceptanceKey(access_key="a key", secret="x"),)),
        ("keys", (SecureAcceptanceKey(access_key="key", secret=""),)),
        ("receipt_url", "http://shop.example.org/back"),
        ("cancel_url", "/cancelled"),
        ("notify_url", ""),
    ],
)
def test_an_invalid_setting_is_named(name, value):
    with pytest.raises(WrongSettings) as refusal:
        attrs.evolve(USUAL, **{name: value})
    assert {problem[0] for problem in refusal.value.problems} == {name}


def test_a_simulator_may_run_on_this_machine():
    home = dict.fromkeys(("receipt_url", "cancel_url", "notify_url"), "http://127.0.0.1:8000/x")
    assert attrs.evolve(USUAL, url="http://127.0.0.1:8090", simulator=True, **home).simulator


def test_no_secret_is_printed():
    assert "ключ" not in repr(USUAL) + repr(SecureAcceptance(USUAL))
