"""Routes that move money: payments, captures, refunds, voids and reversals."""
