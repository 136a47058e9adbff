"""What every part of the sandbox works with."""

from dataclasses import dataclass

from sandbox.callbacks import Callbacks
from sandbox.faults import Faults
from sandbox.ledger import Ledger
from sandbox.settings import Settings
from sandbox.specs import Specs
from sandbox.store import Store


@dataclass(frozen=True)
class Sandbox:
    settings: Settings
    store: Store
    ledger: Ledger
    faults: Faults
    specs: Specs
    callbacks: Callbacks

    @classmethod
    def build(cls, settings: Settings) -> "Sandbox":
        store = Store(settings.home)
        return cls(
            settings=settings,
            store=store,
            ledger=Ledger(store),
            faults=Faults(),
            specs=Specs(settings.vendor_specs),
            callbacks=Callbacks(store, settings.public_url),
        )

    def reset(self) -> None:
        """Forgets everything but where the product is: all that is in the store, and the faults."""
        self.store.clear()
        self.faults.clear()
        self.callbacks.enabled = True
