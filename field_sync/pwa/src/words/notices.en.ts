/** Being woken, and promises near their end, in English. */

export const notices = {
  push: {
    title: "Notices",
    label: "Wake this phone",
    hint: "Urgent orders, changes by the office and promises near their end, also when the app is closed. No names and no addresses.",
    states: {
      told: "The office can wake this phone.",
      wanted: "Turned on. The office is told when there is signal.",
    },
    trouble: {
      denied:
        "The browser does not let this app show notices. Allow them in the phone's settings for this app, then come back.",
      "home-screen":
        "An iPhone wakes only apps of its home screen. Tap Share, then “Add to Home Screen”, and open Lamplighter from there.",
      unable: "This browser cannot be woken. Everything else works; messages come with each sync.",
    },
  },
  alarms: {
    title: "Near their end",
    near: (title: string, kind: string, at: string) => `“${title}”: ${kind} is due at ${at}.`,
    nameless: "A promise on an order of yours is near its end.",
  },
} as const;
