/** Screens before the app: opening, another tab at work, a store that cannot be opened. */

import { BigButton } from "../parts/buttons";
import { Icon } from "../parts/icons";
import { wakeHere } from "../session";
import { t, told } from "../words/words";

/** Shown only where the store takes its time: a short blink of it would be worse than nothing. */
export function Opening() {
  return (
    <div class="screen threshold slow" aria-busy="true">
      <main class="body">
        <p class="brand">
          <Icon name="lamp" /> Lamplighter
        </p>
        <p role="status">{t.value.thresholds.opening}</p>
      </main>
    </div>
  );
}

/** Two tabs do not fight: one works, the other waits for a word. */
export function Asleep() {
  const words = t.value.thresholds;
  return (
    <div class="screen threshold">
      <main class="body">
        <h1>{words.asleep}</h1>
        <p class="said">{words.asleepTold}</p>
      </main>
      <div class="foot">
        <BigButton onPress={() => void wakeHere()}>{words.workHere}</BigButton>
      </div>
    </div>
  );
}

/** What cannot be helped here is said, with what can be done. */
export function Broken({ why }: { why: { readonly en: string; readonly zh: string } }) {
  const words = t.value.thresholds;
  return (
    <div class="screen threshold">
      <main class="body">
        <h1>{words.broken}</h1>
        <p class="said" role="alert">
          {told(why)}
        </p>
        <p class="said">{words.brokenTold}</p>
      </main>
      <div class="foot">
        <BigButton onPress={() => location.reload()}>{words.retry}</BigButton>
      </div>
    </div>
  );
}
