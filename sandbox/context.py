"""What every part of the sandbox works with."""

from collections import deque
from dataclasses import dataclass, field

from sandbox.callbacks import Callbacks
from sandbox.faults import Faults
from sandbox.ledger import Ledger
from sandbox.settings import Settings
from sandbox.specs import Specs
from sandbox.store import Json, Store


@dataclass(frozen=True)
class Sandbox:
    settings: Settings
    store: Store
    ledger: Ledger
    faults: Faults
    specs: Specs
    callbacks: Callbacks
    answers: deque[Json] = field(default_factory=deque)
    """What the model is to say next; see `sandbox.openai_api.queue`."""

    @classmethod
    def build(cls, settings: Settings) -> "Sandbox":
        store = Store(settings.home)
        return cls(
            settings=settings,
            store=store,
            ledger=Ledger(store),
            faults=Faults(),
            specs=Specs(settings.vendor_specs),
            callbacks=Callbacks(store, settings),
        )

    def reset(self) -> None:
        """Forgets everything but where the product is: objects, ledger, mail, deliveries, faults, answers."""
        self.store.clear()
        self.faults.clear()
        self.answers.clear()
        self.callbacks.enabled = True
