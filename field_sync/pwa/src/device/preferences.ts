/**
 * What a person chose for this phone: language, look, size of the letters, when photos go.
 *
 * They are read before anything is drawn, so they lie in localStorage; none of them is work, and
 * losing them loses nothing.
 */

import { effect, signal } from "@preact/signals";

export type Lang = "zh" | "en";
export type Theme = "auto" | "light" | "dark";

export const FONT_PERCENTS = [100, 115, 130, 150] as const;

export interface Preferences {
  readonly lang: Lang;
  readonly theme: Theme;
  readonly fontPercent: number;
  /** Whether photos go over lines that are paid by volume. */
  readonly photosOnMetered: boolean;
  /** Whether the basemap does, which is larger than all photos of a day. */
  readonly basemapOnMetered: boolean;
}

const KEY = "lamplighter.preferences";

export const preferences = signal<Preferences>(kept());

/** Change what a person chose, at once and for the next start. */
export function prefer(change: Partial<Preferences>): void {
  preferences.value = { ...preferences.value, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences.value));
  } catch {
    // No room, or storage is forbidden: the choice holds until the app is closed.
  }
}

/** Show the page as it was chosen, now and whenever the choice or the system changes. */
export function wear(): void {
  const darkness = matchMedia("(prefers-color-scheme: dark)");
  const dress = () => {
    const { theme, lang, fontPercent } = preferences.value;
    const root = document.documentElement;
    const dark = theme === "dark" || (theme === "auto" && darkness.matches);
    root.dataset.theme = dark ? "dark" : "light";
    root.lang = lang === "zh" ? "zh-CN" : "en";
    root.style.fontSize = `${fontPercent}%`;
    const bar = document.querySelector("meta[name=theme-color]");
    bar?.setAttribute("content", dark ? "#0e1418" : "#ffffff");
  };
  effect(dress);
  darkness.addEventListener("change", dress);
}

function kept(): Preferences {
  const found = parsed(safely(() => localStorage.getItem(KEY)));
  const { lang, theme, fontPercent, photosOnMetered, basemapOnMetered } = found;
  return {
    lang: lang === "zh" || lang === "en" ? lang : spoken(),
    theme: theme === "light" || theme === "dark" ? theme : "auto",
    fontPercent: FONT_PERCENTS.find((percent) => percent === fontPercent) ?? 100,
    photosOnMetered: photosOnMetered !== false,
    basemapOnMetered: basemapOnMetered === true,
  };
}

/** Choose the phone's first language; Chinese where it names none of ours. */
function spoken(): Lang {
  const tongue = typeof navigator === "undefined" ? "" : (navigator.language ?? "");
  return tongue.toLowerCase().startsWith("en") ? "en" : "zh";
}

function parsed(text: string | null): Record<string, unknown> {
  const value: unknown = text === null ? null : safely(() => JSON.parse(text) as unknown);
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function safely<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
