"""From text cells to a verdict: typed rows, no direct identifier, every rule of the contract. Nothing is written here."""
