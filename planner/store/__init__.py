"""The only floor that knows tables: functions of a session that return core values; no rule, no commit."""
