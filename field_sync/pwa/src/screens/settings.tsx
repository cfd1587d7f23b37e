/** Settings: language, look, lock, room, version, and signing out without losing anything. */

import { useEffect, useState } from "preact/hooks";
import { signOut } from "../deeds";
import { askToPersist, type Room, room } from "../device/persistence";
import { FONT_PERCENTS, type Lang, prefer, preferences, type Theme } from "../device/preferences";
import { REVISION } from "../device/revision";
import { LineLink } from "../parts/buttons";
import { ChoiceField } from "../parts/fields";
import { Screen } from "../parts/frame";
import { Icon } from "../parts/icons";
import { Scarce } from "../parts/scarce";
import { Sheet } from "../parts/sheet";
import { identity, safety } from "../session";
import { t } from "../words/words";
import { GroundSettings } from "./ground";
import { PinSettings } from "./pinsettings";
import { PushSettings } from "./pushsettings";

export function Settings() {
  const words = t.value.settings;
  return (
    <Screen title={words.title} tabs>
      <Look />
      <PinSettings />
      <PushSettings />
      <GroundSettings />
      <Storage />
      <section class="block">
        <h2>{words.phone}</h2>
        <Facts />
        <Leaving />
      </section>
    </Screen>
  );
}

const LANGUAGES = [
  ["zh", "中文"],
  ["en", "English"],
] as const;
const THEMES = ["auto", "light", "dark"] as const;

/** How it looks; each choice shows at once. */
function Look() {
  const words = t.value.settings;
  const { lang, theme, fontPercent } = preferences.value;
  return (
    <section class="block">
      <ChoiceField<Lang>
        legend="语言 · Language"
        options={LANGUAGES}
        value={lang}
        onChoose={(chosen) => prefer({ lang: chosen })}
      />
      <ChoiceField<Theme>
        legend={words.theme}
        options={THEMES.map((each) => [each, words.themes[each]] as const)}
        value={theme}
        onChoose={(chosen) => prefer({ theme: chosen })}
      />
      <ChoiceField
        legend={words.letters}
        options={FONT_PERCENTS.map((percent) => [String(percent), `${percent} %`] as const)}
        value={String(fontPercent)}
        onChoose={(percent) => prefer({ fontPercent: Number(percent) })}
      />
    </section>
  );
}

function Facts() {
  const words = t.value.settings;
  const { person, name, server, device } = identity.value;
  return (
    <dl class="pairs">
      <dt>{words.person}</dt>
      <dd>{person}</dd>
      <dt>{words.name}</dt>
      <dd>{name}</dd>
      <dt>{words.server}</dt>
      <dd class="code">{server}</dd>
      <dt>{words.device}</dt>
      <dd class="code">{device}</dd>
      <dt>{words.version}</dt>
      <dd class="code">{REVISION}</dd>
    </dl>
  );
}

function Storage() {
  const words = t.value;
  const [found, setFound] = useState<Room | null>(null);
  const look = () => void room().then(setFound);
  useEffect(look, []);
  if (found === null) return null;
  return (
    <section class="block">
      <h2>{words.settings.storage}</h2>
      <p>{words.settings.used(words.size(found.usedBytes), words.size(found.quotaBytes))}</p>
      <Scarce />
      <p class="small">
        {found.persisted ? words.settings.persisted : words.settings.notPersisted}
      </p>
      {!found.persisted && (
        <button type="button" class="button" onClick={() => void askToPersist().then(look)}>
          {words.settings.persist}
        </button>
      )}
    </section>
  );
}

function Leaving() {
  const words = t.value;
  const [asking, setAsking] = useState(false);
  if (safety.value.signedOut) {
    return <LineLink icon="lock" to={{ kind: "sign-in", login: "" }} label={words.sync.signIn} />;
  }
  const leave = async () => {
    await signOut();
    setAsking(false);
  };
  return (
    <>
      <button type="button" class="line" onClick={() => setAsking(true)}>
        <Icon name="lock" />
        <span>
          {words.settings.signOut}
          <small>{words.settings.signOutHint}</small>
        </span>
      </button>
      {asking && (
        <Sheet title={words.settings.signOut} onClose={() => setAsking(false)}>
          <p>{words.settings.signOutTold}</p>
          <button type="button" class="big main" onClick={() => setAsking(false)}>
            {words.settings.stay}
          </button>
          <button type="button" class="big careful" onClick={() => void leave()}>
            {words.settings.signOut}
          </button>
        </Sheet>
      )}
    </>
  );
}
