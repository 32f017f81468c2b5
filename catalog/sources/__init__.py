"""Turn what a person types into ServerRefs. Runs nothing."""
