"""The CyberSource simulator, told over real HTTP what a merchant and a card form would tell it."""
