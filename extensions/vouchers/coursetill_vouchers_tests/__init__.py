"""What vouchers promise: their rules, their records, their pages and commands."""
