"""Tests of the CyberSource simulator over HTTP, as a merchant and a card form call it."""
