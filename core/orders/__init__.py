"""What a learner has agreed to buy, at the price agreed, and what became of it."""
