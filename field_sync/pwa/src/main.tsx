/** Where the page starts: dressed as it was chosen, opened and drawn, and kept in step. */

import "./app.css";
import { render } from "preact";
import { tellOfPromises } from "./alarms";
import { install } from "./device/builds";
import { askToPersist, room } from "./device/persistence";
import { wear } from "./device/preferences";
import { confess } from "./parts/announcer";
import { keepInStep } from "./rounds";
import { App } from "./screens/app";
import { lockWhenAway } from "./screens/locking";
import { follow } from "./screens/router";
import { open } from "./session";
import { hearWaking, keepWaking } from "./waking";

wear();
follow();
hearWaking();
lockWhenAway();
// The browser looks for the store while the first screen is drawn.
void open().then(() => {
  keepInStep();
  keepWaking();
  tellOfPromises();
});
const root = document.getElementById("app");
root?.replaceChildren();
if (root !== null) render(<App />, root);
void install();
void askToPersist().then(room);
addEventListener("error", confess);
addEventListener("unhandledrejection", confess);
