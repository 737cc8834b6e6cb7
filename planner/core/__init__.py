"""The rules of visit planning: pure functions of values, without a clock, a file or a word of any language."""
