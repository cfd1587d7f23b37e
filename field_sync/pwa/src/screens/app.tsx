/** The whole app: what stands before it, the screen of the present place, what lies over it. */

import type { ComponentType } from "preact";
import { update, updateReady } from "../device/builds";
import { Announcer } from "../parts/announcer";
import { gate, workOn } from "../session";
import type { Task } from "../wire";
import { t } from "../words/words";
import { CheckIn } from "./checkin";
import { Consent } from "./consent";
import { Amend, Finish, Note, Restore } from "./deeds";
import { Found, OtherMeter } from "./finding";
import { Gone } from "./gone";
import { Lock } from "./lock";
import { locked } from "./locking";
import { MapScreen } from "./map";
import { Messages } from "./messages";
import { Meter } from "./meter";
import { Order } from "./order";
import { Photo } from "./photo";
import type { Deed, Place } from "./places";
import { MakePromise } from "./promise";
import { Reagree } from "./reagree";
import { Return, Suspend } from "./reason";
import { RecordScreen } from "./record";
import { Route } from "./route";
import { place } from "./router";
import { Settings } from "./settings";
import { SignIn } from "./signin";
import { Sync } from "./sync";
import { Asleep, Broken, Opening } from "./thresholds";
import { Today } from "./today";

export function App() {
  return (
    <>
      <UpdateBar />
      <Gated />
      <Announcer />
    </>
  );
}

function Gated() {
  const now = gate.value;
  switch (now.kind) {
    case "opening":
      return <Opening />;
    case "asleep":
      return <Asleep />;
    case "broken":
      return <Broken why={now.why} />;
    case "nobody":
      return <SignIn />;
    case "open":
      return locked.value ? <Lock /> : <Here at={place.value} />;
  }
}

function Here({ at }: { at: Place }) {
  switch (at.kind) {
    case "today":
      return <Today />;
    case "order":
      return <Order key={at.id} id={at.id} />;
    case "deed":
      return <DeedScreen key={at.id + at.deed} id={at.id} deed={at.deed} />;
    case "route":
      return <Route key={at.id} id={at.id} />;
    case "meter":
      return <Meter routeId={at.id} stopId={at.stop} />;
    case "found":
      return <Found key={at.id} routeId={at.id} />;
    case "other-meter":
      return <OtherMeter routeId={at.id} stopId={at.stop} />;
    case "map":
      return <MapScreen key={at.id} id={at.id} />;
    case "messages":
      return <Messages />;
    case "sync":
      return <Sync />;
    case "record":
      return <RecordScreen n={at.n} />;
    case "settings":
      return <Settings />;
    case "sign-in":
      return <SignIn />;
  }
}

const DEEDS: Readonly<Record<Deed, ComponentType<{ task: Task }>>> = {
  "check-in": CheckIn,
  restore: Restore,
  finish: Finish,
  return: Return,
  suspend: Suspend,
  note: Note,
  photo: Photo,
  consent: Consent,
  amend: Amend,
  promise: MakePromise,
  reagree: Reagree,
};

function DeedScreen({ id, deed }: { id: string; deed: Deed }) {
  const work = workOn(id);
  if (work === null) return <Gone />;
  const Form = DEEDS[deed];
  return <Form task={work.task} />;
}

/** A newer build is offered at the top, where no thumb hits it by chance. */
function UpdateBar() {
  const words = t.value.update;
  if (!updateReady.value) return null;
  return (
    <aside class="update" aria-label={words.label}>
      <span>{words.told}</span>
      <button type="button" onClick={update}>
        {words.now}
      </button>
    </aside>
  );
}
