"""Our hot lists next to the two ways that others would write them, measured in one run."""
