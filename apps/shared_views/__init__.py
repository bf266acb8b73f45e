"""The screens: partner desk, joint planning, executive board. They read editions and hand files to the door, nothing else."""
