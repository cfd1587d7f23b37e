/** A phone that is nearly full: said where photos are taken, while there is still room for some. */

import { photosIn, scarceBytes } from "../device/persistence";
import { t } from "../words/words";

export function Scarce() {
  const leftBytes = scarceBytes.value;
  if (leftBytes === null) return null;
  return <p class="missing">{t.value.settings.nearlyFull(photosIn(leftBytes))}</p>;
}
