"""Card numbers: the Luhn check, and the card network of a number."""

import re

import attrs


@attrs.frozen
class Network:
    """A card network: CyberSource's three-digit code, its name in a session, its number ranges."""

    code: str
    name: str
    prefix: str
    lengths: frozenset[int]


_SIXTEEN = frozenset({16})
# The first match counts. Maestro's prefix is the widest, so it comes last.
NETWORKS = (
    Network("001", "VISA", r"4", frozenset({13, 16, 19})),
    Network("002", "MASTERCARD", r"5[1-5]|2(22[1-9]|2[3-9]|[3-6]|7[01]|720)", _SIXTEEN),
    Network("003", "AMEX", r"3[47]", frozenset({15})),
    Network("004", "DISCOVER", r"6011|64[4-9]|65", _SIXTEEN),
    Network("005", "DINERSCLUB", r"30[0-5]|3[689]", frozenset({14, 16})),
    Network("007", "JCB", r"35", _SIXTEEN),
    Network("024", "MAESTRO", r"6759|67677", frozenset(range(12, 20))),
    Network("042", "MAESTRO", r"5[06-9]|6", frozenset(range(12, 20))),
)


@attrs.frozen
class PaymentCard:
    """An entered card. Its number never leaves the simulator unmasked."""

    number: str = attrs.field(repr=False)
    expiry_month: str
    expiry_year: str
    security_code: str = attrs.field(default="", repr=False)

    @property
    def network(self) -> Network | None:
        """The network of the card, or None."""
        return network_of(self.number)

    @property
    def last_four(self) -> str:
        return self.number[-4:]

    @property
    def masked(self) -> str:
        return "X" * (len(self.number) - 4) + self.last_four

    @property
    def on_file(self) -> "CardOnFile":
        """The part of the card that is stored after a payment."""
        return CardOnFile(
            masked=self.masked,
            expiry_month=self.expiry_month,
            expiry_year=self.expiry_year,
            network=self.network,
            prefix=self.number[:6],
        )

    def expired(self, year: int, month: int) -> bool:
        """Whether the card expired before `month` of `year`."""
        return (int(self.expiry_year), int(self.expiry_month)) < (year, month)


@attrs.frozen(kw_only=True)
class CardOnFile:
    """
    A charged card: the fields that replies, searches and reports may show.

    `prefix` is the issuer's number, or empty if only the last four digits are stored.
    """

    masked: str
    expiry_month: str
    expiry_year: str
    network: Network | None
    prefix: str = ""

    @property
    def last_four(self) -> str:
        return self.masked[-4:]


def network_of(number: str) -> Network | None:
    """The network of a card number, or None."""
    for network in NETWORKS:
        if re.match(network.prefix, number):
            return network if len(number) in network.lengths else None
    return None


def network_under(code: str) -> Network | None:
    """The network with CyberSource's three-digit `code`, or None."""
    return next((network for network in NETWORKS if network.code == code), None)


def passes_luhn(number: str) -> bool:
    """Whether `number` passes the Luhn check."""
    if not (number.isascii() and number.isdigit()):
        return False
    total = 0
    for position, digit in enumerate(reversed(number)):
        doubled = int(digit) * (1 + position % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
