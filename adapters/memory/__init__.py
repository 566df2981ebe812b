"""Records in memory, for tests and for embedding the core."""

from adapters.memory.shop import MemoryShop

__all__ = ["MemoryShop"]
