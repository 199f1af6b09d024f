"""Reads about people. Whoever calls names the area (`app.people.area`); outside of it nobody is found."""
