"""The kinds of discount, by the name staff write them under; one file each.

A new kind is a new file and one line here.
"""

from collections.abc import Mapping

from core.discounts.kinds.dollars_off import DollarsOff
from core.discounts.kinds.fixed_price import FixedPrice
from core.discounts.kinds.percent_off import PercentOff
from core.discounts.saving import Saving

KINDS: Mapping[str, type[Saving]] = {
    kind.kind: kind for kind in (PercentOff, DollarsOff, FixedPrice)
}
