"""The supervisor's faults. Their text is a sentence for the person at the terminal."""


class SupervisorError(Exception):
    """Something cannot be started, joined or used; the text says what and what to do."""
