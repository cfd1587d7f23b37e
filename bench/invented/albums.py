"""Albums: the photos of one walk, those of its last round and those that are taken today.

Whoever reads photographs a share of the meters. Whoever does not go there has what is at hand: the
files of other meters, last month's file of the same one, or a photo taken of such a photo.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from bench.invented import cameras, scenes
from bench.invented.ground import Site
from bench.invented.labels import Kept, Photo, Photographed

PHOTO_SHARE: Final = 0.4
_OF_OTHERS: Final = (Photographed.other_file, Photographed.retaken)


class Album:
    """The photos that somebody has on one walk."""

    def __init__(self, sites: Sequence[Site], chance: np.random.Generator) -> None:
        """Photograph a share of the meters as they stood in the last round."""
        self._chance = chance
        self._place = scenes.Place(chance)
        self.kept = [
            Kept(site.meter_id, self._shoot(site, site.before[-1][1]))
            for site in sites
            if chance.random() < PHOTO_SHARE
        ]
        self._last = {kept.meter_id: kept.content for kept in self.kept}
        self._at_hand = [(kept.meter_id, kept.content) for kept in self.kept]

    def take(self, site: Site) -> Photo:
        """Photograph a meter that one stands before."""
        content = self._shoot(site, site.truth)
        self._at_hand.append((site.meter_id, content))
        return Photo(Photographed.meter, content)

    def pretend(self, site: Site) -> Photo | None:
        """Find a photo for a meter that one does not stand before; None where none is at hand."""
        others = [content for meter_id, content in self._at_hand if meter_id != site.meter_id]
        last = self._last.get(site.meter_id)
        possible = [
            *(_OF_OTHERS if others else ()),
            *((Photographed.last_file,) if last is not None else ()),
        ]
        if not possible:
            return None
        how = possible[int(self._chance.integers(len(possible)))]
        if how is Photographed.last_file:
            assert last is not None, "it was possible"
            return Photo(how, last)
        other = others[int(self._chance.integers(len(others)))]
        is_file = how is Photographed.other_file
        return Photo(how, other if is_file else cameras.retake(other, self._chance))

    def _shoot(self, site: Site, units: int) -> bytes:
        return cameras.shoot(self._place.show(site, units), self._chance)
