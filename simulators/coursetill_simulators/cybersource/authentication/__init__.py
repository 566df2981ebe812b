"""Who may come in: authentication, and bodies that are encrypted."""
