"""What people and machines meet: screens and doors. No plan logic lives here."""
