/** What the map and its ground say in English. */

export const map = {
  map: {
    title: "Map",
    show: "On the map",
    navigate: "Navigate",
    amap: "Amap",
    failed: "The map could not be loaded. Open it once with signal.",
    follow: "Show where I am",
    following: "The map follows you",
    looking: "Looking for your position",
    none: {
      denied: "This app may not see your position; the phone's settings can allow it.",
      unavailable: "The phone does not know where it is.",
      unsupported: "This browser does not tell where the phone is.",
    },
    here: (accuracyM: number | null, ageS: number) =>
      accuracyM === null ? `Seen ${ageS} s ago` : `Within ${accuracyM} m, seen ${ageS} s ago`,
    feeder: (kv: number, station: string) => `${kv} kV from ${station}`,
    more: (n: number) => `${n} more on the map`,
  },
  basemap: {
    title: "Streets beneath the map",
    about: (size: string) =>
      `Your utility provides streets and houses for the map. They take ${size} on this phone, and are there without signal.`,
    keep: (size: string) => `Keep them here (${size})`,
    goOn: (size: string) => `Go on (${size} left)`,
    pause: "Stop for now",
    forget: "Remove them from this phone",
    have: (size: string) => `They are on this phone (${size}).`,
    newer: (size: string) => `Get the newer ones (${size})`,
    come: (done: string, whole: string) => `${done} of ${whole} are here`,
    metered: "Also over mobile data",
    meteredHint: "Otherwise they come only over Wi-Fi, where the phone can tell.",
  },
};
