"""The application as a web server loads it; settings come from the environment."""

import sys

from planner.core.errors import PlannerError
from planner.exports.refusals import sentence
from planner.settings import from_environment
from planner.web.app import create_app

REFUSED = 3
"""gunicorn's own status for a worker that cannot start: it stops instead of trying again and again."""

try:
    app = create_app(from_environment())
except PlannerError as error:
    sys.stderr.write(f"planner: {sentence(error)}\n")
    sys.exit(REFUSED)
