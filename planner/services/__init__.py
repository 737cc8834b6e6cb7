"""What a person would ask for: one function for each verb."""
