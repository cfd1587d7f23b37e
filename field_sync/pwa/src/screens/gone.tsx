/** What is shown where the work has left the phone: reassigned, archived, or never here. */

import { LineLink } from "../parts/buttons";
import { Screen } from "../parts/frame";
import { t } from "../words/words";

export function Gone() {
  const words = t.value.gone;
  return (
    <Screen title={words.title}>
      <p class="said">{words.told}</p>
      <ul class="lines">
        <li>
          <LineLink icon="message" to={{ kind: "messages" }} label={t.value.tabs.messages} />
        </li>
        <li>
          <LineLink icon="today" to={{ kind: "today" }} label={t.value.tabs.today} />
        </li>
      </ul>
    </Screen>
  );
}
