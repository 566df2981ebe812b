"""Card numbers: the Luhn check, and whose network a number belongs to."""

import re

import attrs


@attrs.frozen
class Network:
    """A card network: CyberSource's three-digit code, its name in a session, its numbers."""

    code: str
    name: str
    prefix: str
    lengths: frozenset[int]


_SIXTEEN = frozenset({16})
# The first whose prefix fits; Maestro's is the widest, so it comes last.
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
    """A card as it was entered. The number never leaves the simulator unmasked."""

    number: str = attrs.field(repr=False)
    expiry_month: str
    expiry_year: str
    security_code: str = attrs.field(default="", repr=False)

    @property
    def network(self) -> Network | None:
        """Whose card it is, or None where no network has such numbers."""
        return network_of(self.number)

    @property
    def last_four(self) -> str:
        return self.number[-4:]

    @property
    def masked(self) -> str:
        return "X" * (len(self.number) - 4) + self.last_four

    @property
    def on_file(self) -> "CardOnFile":
        """What is remembered of it once it has paid."""
        return CardOnFile(
            masked=self.masked,
            expiry_month=self.expiry_month,
            expiry_year=self.expiry_year,
            network=self.network,
            prefix=self.number[:6],
        )

    def expired(self, year: int, month: int) -> bool:
        """Whether its last month was over before `month` of `year`."""
        return (int(self.expiry_year), int(self.expiry_month)) < (year, month)


@attrs.frozen(kw_only=True)
class CardOnFile:
    """
    A card that was charged: what a reply, a search or a report may say of it.

    `prefix` is the issuer's number, or empty where only the last four digits were kept.
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
    """The network that issues numbers like `number`, or None."""
    for network in NETWORKS:
        if re.match(network.prefix, number):
            return network if len(number) in network.lengths else None
    return None


def network_under(code: str) -> Network | None:
    """The network of CyberSource's three-digit `code`, or None."""
    return next((network for network in NETWORKS if network.code == code), None)


def passes_luhn(number: str) -> bool:
    """Whether the last digit of `number` is the check digit of the others."""
    if not (number.isascii() and number.isdigit()):
        return False
    total = 0
    for position, digit in enumerate(reversed(number)):
        doubled = int(digit) * (1 + position % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
