"""Count calls against limits, exactly, also across processes and machines."""
