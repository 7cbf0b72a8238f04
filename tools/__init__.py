"""What scripts and tests run: a release server, Heroku's build, the lifecycle, and the demo."""
