"""A phone that a push service can wake: the parts of a phone that a browser in a test lacks.

It has no push service of its maker's, and no place where notices show. So a subscription is taken
from our push service, and a notice is kept where the story can look; the app, its service worker,
the sealing and the way of a push into the worker are the real ones.
"""

from __future__ import annotations

import json
from typing import Any, Final

from playwright.sync_api import BrowserContext, CDPSession, Page, Worker

from tests.makers import push
from tests.pwa.phone import until

_SHADE: Final = """
globalThis.shade = [];
ServiceWorkerRegistration.prototype.showNotification = async (title, { tag, data }) => {
  shade.push({ title, tag, data });
};
"""
_ALLOWED: Final = """
Object.defineProperty(Notification, "permission", { get: () => "granted" });
"""
_SUBSCRIBED: Final = """
((given) => {
  let live = null;
  const bytes = (text) => {
    const plain = text.replaceAll("-", "+").replaceAll("_", "/");
    return Uint8Array.from(atob(plain), (each) => each.charCodeAt(0)).buffer;
  };
  const subscription = (key) => ({
    options: { applicationServerKey: bytes(key) },
    toJSON: () => given,
    unsubscribe: async () => { live = null; return true; },
  });
  PushManager.prototype.getSubscription = async () => live;
  PushManager.prototype.subscribe = async (asked) => {
    if (!asked.userVisibleOnly) throw new Error("browsers want each push to be seen");
    live = subscription(asked.applicationServerKey);
    return live;
  };
})
"""
_TAP: Final = """
const event = new ExtendableEvent("notificationclick");
event.notification = { data: shade.at(-1).data, close: () => shade.pop() };
self.dispatchEvent(event);
"""


def allow(context: BrowserContext) -> None:
    """Let a phone's person allow notices, and have a place where they show."""
    context.add_init_script(f"if (globalThis.ServiceWorkerRegistration) {{ {_ALLOWED} {_SHADE} }}")


def subscribe_at(context: BrowserContext, browser: push.Browser) -> None:
    """Let a phone's browser subscribe at our push service."""
    given = {
        "endpoint": browser.endpoint,
        "keys": {"p256dh": push.b64(browser.point), "auth": push.b64(browser.auth)},
    }
    subscribed = f"{_SUBSCRIBED}({json.dumps(given)})"
    context.add_init_script(f"if (globalThis.PushManager) {subscribed}")


_HAS_SHOWN: Final = "shade.length > 0"


class Carrier:
    """What carries pushes into a browser, and the notices that its service worker shows."""

    def __init__(self, page: Page) -> None:
        """Look for the app's service worker."""
        self._page = page
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._origin = page.evaluate("location.origin")
        self._registrations: list[str] = []
        self._session.on("ServiceWorker.workerRegistrationUpdated", self._hear)
        self._session.send("ServiceWorker.enable")
        until(page, "navigator.serviceWorker.controller !== null")
        (self._worker,) = page.context.service_workers
        self._worker.evaluate(f"(() => {{ {_SHADE} }})()")

    def deliver(self, message: bytes) -> None:
        """Deliver what the browser has opened."""
        self._session.send(
            "ServiceWorker.deliverPushMessage",
            {
                "origin": self._origin,
                "registrationId": self._registrations[-1],
                "data": message.decode(),
            },
        )

    def shown(self) -> list[dict[str, Any]]:
        """List the notices that the service worker shows."""
        return shown(self._worker)

    def waited_for(self) -> list[dict[str, Any]]:
        """List them once there is one."""
        until(self._page, _HAS_SHOWN, by=self._worker)
        return self.shown()

    def tap(self) -> None:
        """Tap the last of them."""
        self._worker.evaluate(f"(() => {{ {_TAP} }})()")

    def _hear(self, event: dict[str, Any]) -> None:
        self._registrations += [each["registrationId"] for each in event["registrations"]]


def shown(by: Page | Worker) -> list[dict[str, Any]]:
    """List the notices that a page or a service worker shows."""
    found: list[dict[str, Any]] = by.evaluate("shade")
    return found
