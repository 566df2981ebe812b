"""Routes of Unified Checkout: sessions, the browser's library and frame, tokens, completion."""
