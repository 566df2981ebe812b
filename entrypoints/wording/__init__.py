"""The sentences of the shop: every error and phrase that people read, in their time zone."""
