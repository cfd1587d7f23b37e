/** What is brought beside a doubtful position, in English; as `schemas/checkins.py` says it. */

export const arrival = {
  arrival: {
    beside: "What you add stands beside the position. A supervisor decides what it proves.",
    stay: (dwellS: number) => `Stay here for ${spanOf(dwellS)}`,
    stayAgain: "Begin the stay again",
    staying: "Stay here, with this screen open. Your position is looked at again and again.",
    underWay: "The stay so far",
    scanned: (code: string) => `Scanned: ${code}`,
    stays: {
      stayed: "never found elsewhere",
      left: "found elsewhere in between",
      short: "too short to count",
      sparse: "with too few positions to count",
    },
    stayed: (seconds: number, kind: string, found: Found) => {
      const around =
        found.accuracyM === null ? "" : `, ± ${found.accuracyM.toFixed(0)} m in the middle`;
      return (
        `Stayed ${seconds.toFixed(0)} s, ${kind}: ${found.positions} positions${around}, ` +
        `${found.inside} of them at the site for certain.`
      );
    },
  },
} as const;

/** What a stay rests on. */
export interface Found {
  readonly positions: number;
  readonly inside: number;
  readonly accuracyM: number | null;
}

function spanOf(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
