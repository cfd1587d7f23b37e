/** Meters found otherwise than the route says, and photos that the office asks for, in English. */

export const finding = {
  findings: {
    foundLink: "A meter that is not on the route",
    found: "Meter found",
    foundTold: "The office hears of it and says what becomes of it.",
    otherLink: "Another meter stands here",
    other: "Another meter",
    otherTold: "What is read here waits until the office has looked into it.",
    what: "What you know",
    whats: { changed: "It was changed", mismatch: "The serial differs" },
    serial: "Serial on the plate",
    place: "Where it stands",
    placeHint: "For example: in the yard, behind the pump house.",
    total: "What it shows",
    totalIf: "What it shows, if you can read it",
    partIf: (name: string) => `${name}, if you can read it`,
    digits: "Digits before the point",
    decimals: "Digits after it",
    oldTotal: "Last value of the old meter, if known",
    report: "Report it",
    waits: "Another meter stands here; the office looks into it.",
    waitsShort: "Waits for the office",
    missing: "Please fill in what is marked.",
    noNumber: "That is no number.",
  },
  way: {
    keys: (text: string) => `Key: ${text}`,
    dogs: (text: string) => `Dog: ${text}`,
  },
  wanted: {
    display: "The office asks for a photo of the display, or a note why there is none.",
    skip: "with a photo, or a note why there is none",
  },
  left: {
    title: (n: number) => (n === 1 ? "1 meter is left" : `${n} meters are left`),
    told: "Read them, or say why not. What you leave stays unread.",
    end: (n: number) => (n === 1 ? "End with 1 left" : `End with ${n} left`),
    more: (n: number) => `and ${n} more`,
  },
} as const;
