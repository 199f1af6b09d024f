from tests.draws.conftest import ceremony, task

__all__ = ["ceremony", "task"]
