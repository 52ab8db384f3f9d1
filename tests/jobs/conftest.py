import pytest

from jobs import registry


@pytest.fixture
def own_handler(monkeypatch):
    """Register a handler for the time of one test: `own_handler("kind", function)`."""
    monkeypatch.setattr(registry, "handlers", dict(registry.handlers))
    monkeypatch.setattr(registry, "periodic", dict(registry.periodic))
    monkeypatch.setattr("jobs.services.handlers", registry.handlers)
    monkeypatch.setattr("jobs.services.periodic", registry.periodic)

    def register(kind, function, **kwargs):
        return registry.handler(kind, **kwargs)(function)

    return register
