"""Values to words and bytes: sentences, calendar files, printed schedules, tables."""
