"""What the parts of the demo share: the clock, the dice, and what the orders did to the stock."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

HISTORY = timedelta(days=730)


@dataclass
class World:
    """Two years that end `now`. The same seed and the same `now` make the same world."""

    seed: int
    now: datetime
    taken: Counter[int] = field(default_factory=Counter)
    reserved: Counter[int] = field(default_factory=Counter)

    @property
    def start(self) -> datetime:
        return self.now - HISTORY

    def dice(self, name: str) -> random.Random:
        """Dice of their own for each part, so that more of one thing does not change another."""
        return random.Random(f"{self.seed}:{name}")
