"""Simulators of the services around a shop: payment gateway, learning platform, mailbox."""
