"""The samples of the contracts hide nothing behind a default."""

import attrs
import pytest

from coursetill_testing.contracts import samples

SAMPLES = (
    samples.a_program,
    samples.a_run,
    samples.a_basket,
    samples.an_order,
    samples.a_discount,
    samples.an_attempt,
    samples.a_transaction,
    samples.a_refund,
    samples.a_refund_request,
    samples.an_event,
    samples.an_entry,
    samples.a_notice,
    samples.a_message,
)
# A basket is written for the first time at version 0. Whether an address is proven is known of
# whoever is signed in, and kept with nothing.
MAY_BE_DEFAULT = {"Basket.version", "Learner.email_verified"}


def at_default(thing: object) -> list[str]:
    """The fields of thing, and of whatever is in it, that hold what they would hold anyway."""
    if isinstance(thing, (tuple, frozenset)):
        return [name for part in thing for name in at_default(part)]
    if not attrs.has(type(thing)):
        return []
    found = []
    for field in attrs.fields(type(thing)):
        value = getattr(thing, field.name)
        if field.default is not attrs.NOTHING and value == _default(field, thing):
            found.append(f"{type(thing).__name__}.{field.name}")
        found += at_default(value)
    return found


def _default(field: attrs.Attribute, thing: object) -> object:
    if not isinstance(field.default, attrs.Factory):
        return field.default
    return field.default.factory(thing) if field.default.takes_self else field.default.factory()


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_field_of_a_sample_has_its_default_value(sample):
    assert set(at_default(sample())) <= MAY_BE_DEFAULT
