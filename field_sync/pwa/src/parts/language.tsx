/** The other language, offered in its own words, where nobody has signed in yet. */

import { prefer, preferences } from "../device/preferences";

export function LanguageSwitch() {
  const chinese = preferences.value.lang === "zh";
  return (
    <button
      type="button"
      class="quiet language"
      lang={chinese ? "en" : "zh-CN"}
      onClick={() => prefer({ lang: chinese ? "en" : "zh" })}
    >
      {chinese ? "English" : "中文"}
    </button>
  );
}
