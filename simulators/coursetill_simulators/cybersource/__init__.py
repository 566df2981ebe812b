"""
A CyberSource that runs on this machine and moves no money.

It is the other side of the wire: it speaks CyberSource's words over HTTP, verifies every
signature it is sent, and keeps a ledger of its own, so that a test can ask how much money moved.
It imports neither the core nor the adapter it answers.

It speaks Unified Checkout (manual and automatic, with 3-D Secure), Microform's sessions, payments,
captures, refunds, voids, reversals, search, details, reports, webhooks and Secure Acceptance; calls
come by JWT (shared secret or P12), by HTTP Signature until that is switched off, encrypted or not.
Its page and its control API (`control`) let things go wrong. What it sends, it sends to loopback
addresses alone.

The routes are in `sessions`, `payments`, `reports`, `subscriptions`, `payment_pages` and `control`;
payments and their outcomes in `state`; messages to the merchant in `webhooks` and
`secure_acceptance`; signatures and encryption in `authentication`; faults in `faults`; formats of
fields in `wire_format`. `app` composes the simulator, `registry` holds its parts, and `middleware`
verifies each request and sends each reply.

docs/simulator.md lists its routes, faults, cards and switches, and what was assumed where the
vendor's documents are silent.
"""

from coursetill_simulators.cybersource.app import create_simulator
from coursetill_simulators.cybersource.guards import (
    BesideProduction,
    NotLoopback,
    refuse_production,
)
from coursetill_simulators.cybersource.profiles import (
    DEMO_ACCESS_KEY,
    DEMO_PROFILE_ID,
    DEMO_PROFILE_SECRET,
    Profile,
)
from coursetill_simulators.cybersource.server import RunningSimulator
from coursetill_simulators.cybersource.settings import (
    DEMO_KEY_ID,
    DEMO_MERCHANT_ID,
    DEMO_SECRET,
    SimulatorSettings,
)

__all__ = [
    "DEMO_ACCESS_KEY",
    "DEMO_KEY_ID",
    "DEMO_MERCHANT_ID",
    "DEMO_PROFILE_ID",
    "DEMO_PROFILE_SECRET",
    "DEMO_SECRET",
    "BesideProduction",
    "NotLoopback",
    "Profile",
    "RunningSimulator",
    "SimulatorSettings",
    "create_simulator",
    "refuse_production",
]
