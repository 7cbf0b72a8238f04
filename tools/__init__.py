"""Tools of scripts and tests: a release server, Heroku's build, the lifecycle, and the demo."""
