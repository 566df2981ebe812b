"""CyberSource, the payment gateway: Unified Checkout in the browser, REST behind it."""
