/** Where the page starts: dressed as it was chosen, drawn at once, opened, and kept in step. */

import "./app.css";
import { render } from "preact";
import { install } from "./device/builds";
import { askToPersist, room } from "./device/persistence";
import { wear } from "./device/preferences";
import { confess } from "./parts/announcer";
import { keepInStep } from "./rounds";
import { App } from "./screens/app";
import { lockWhenAway } from "./screens/locking";
import { follow } from "./screens/router";
import { open } from "./session";

wear();
follow();
lockWhenAway();
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
void open().then(keepInStep);
void install();
void askToPersist().then(room);
addEventListener("error", confess);
addEventListener("unhandledrejection", confess);
