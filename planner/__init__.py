"""Plans every visit of a patient in a clinical trial."""

import zoneinfo

# Time zones come from the pinned tzdata package alone, however a process is started: the machine's own files are read
# before it otherwise, and the two differ (the same booking would mean two instants).
zoneinfo.reset_tzpath(())
zoneinfo.ZoneInfo.clear_cache()

__version__ = "0.1.0"
