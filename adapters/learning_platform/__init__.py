"""The learning platform: how it is told what was bought, and a small one for the demo."""
