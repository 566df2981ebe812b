"""The shop's records in this process: for trying the core out, for embedding it, and for tests."""

from adapters.memory.shop import MemoryShop

__all__ = ["MemoryShop"]
