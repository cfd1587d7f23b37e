/**
 * The catalogue of reading rules that ask at the meter: code, severity, CIM quality code, words.
 *
 * A `Prompt` asks the reader and never carries what the reader is expected to find. Numbers in it
 * are text, as they are shown. CIM is the quality code of IEC 61968-9. The office's findings, and
 * the rules that never ask, are the server's alone.
 */

export { shown } from "./decimal";

/** What a finding asks for: to confirm, to review, to list, to count. */
export type Severity = "B" | "H" | "M" | "L";

/** What may have happened at a meter that explains a finding away. */
export type Explanation = "outage" | "vacancy" | "meter_change" | "datum_change";

export type Code = "ER10" | "ER12" | "ER16" | "ER17" | "ER21";

interface Rule {
  readonly severity: Severity;
  readonly cim: string;
  readonly silencedBy: readonly Explanation[];
  readonly askEn: string;
  readonly askZh: string;
}

/** A question to the reader, who may confirm the value all the same. */
export interface Prompt {
  readonly code: Code;
  readonly severity: Severity;
  readonly cim: string;
  readonly numbers: Readonly<Record<string, string>>;
  readonly en: string;
  readonly zh: string;
}

export const RULES: Readonly<Record<Code, Rule>> = {
  ER10: {
    severity: "B",
    cim: "3.6.4",
    silencedBy: ["meter_change"],
    askEn: "{value} is below {previous} ({date}). Please look again",
    askZh: "{value} 低于 {previous}（{date}），请再看一次",
  },
  ER12: {
    severity: "B",
    cim: "3.6.1",
    silencedBy: ["outage", "vacancy", "meter_change"],
    askEn: "No consumption since {date}. Please look again",
    askZh: "自 {date} 以来用电量为零，请再看一次",
  },
  ER16: {
    severity: "B",
    cim: "3.6.0",
    silencedBy: ["meter_change"],
    askEn: "Exchanged with {meter}? Please look again",
    askZh: "是否与电表 {meter} 的示数互换？请再看一次",
  },
  ER17: {
    severity: "B",
    cim: "3.6.0",
    silencedBy: ["meter_change"],
    askEn: "Did you mean {candidate}?",
    askZh: "是否应为 {candidate}？",
  },
  ER21: {
    severity: "B",
    cim: "3.6.9",
    silencedBy: [],
    askEn: "Registers do not add up: {total} against {sum}",
    askZh: "各费率之和与总示数不符：{total} 与 {sum}",
  },
};

/** Ask the reader; `numbers` must hold nothing that tells what to find. */
export function prompt(code: Code, numbers: Readonly<Record<string, string>>): Prompt {
  const { severity, cim, askEn, askZh } = RULES[code];
  return { code, severity, cim, numbers, en: filled(askEn, numbers), zh: filled(askZh, numbers) };
}

/** Tell whether what happened at the meter explains the rule's finding away. */
export function isSilent(code: Code, explained: ReadonlySet<Explanation>): boolean {
  return RULES[code].silencedBy.some((event) => explained.has(event));
}

/** Write a day, or a dash where there was none. */
export function day(readOn: string | null): string {
  return readOn ?? "-";
}

function filled(words: string, numbers: Readonly<Record<string, string>>): string {
  return words.replace(/\{(\w+)\}/g, (hole, name: string) => numbers[name] ?? hole);
}
