"""Plans every visit of a patient in a clinical trial."""

__version__ = "0.1.0"
