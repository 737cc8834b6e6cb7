"""Files to protocols: what a person wrote becomes values of the core, or errors that say how to mend it."""
