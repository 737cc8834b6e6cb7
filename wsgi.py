"""The application as a web server loads it; settings come from the environment."""

from planner.settings import from_environment
from planner.web.app import create_app

app = create_app(from_environment())
