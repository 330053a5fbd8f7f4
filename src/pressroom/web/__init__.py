"""What surrounds the routes: the edge, CORS, problems and the log."""
