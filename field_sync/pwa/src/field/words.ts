/** The words of the trade that refusals carry, in English and Chinese, as in docs/dictionary.md. */

/** The languages of the house. */
export type Lang = "en" | "zh";

const TRADE = {
  order: ["order", "工单"],
  // Why a reason is not concrete.
  blank: ["it is blank", "为空"],
  no_words: ["it has no words", "没有文字"],
  too_short: ["it is too short", "太短"],
  too_long: ["it is too long", "太长"],
  vague: ["it says nothing", "过于笼统"],
  // Verdicts.
  inside: ["inside", "在现场"],
  unsure: ["unsure", "不确定"],
  outside: ["outside", "不在现场"],
  // The life of an order.
  reported: ["reported", "待派单"],
  dispatched: ["dispatched", "已派单"],
  accepted: ["accepted", "已接单"],
  en_route: ["on the way", "途中"],
  arrived: ["arrived", "已到场"],
  working: ["working", "作业中"],
  restored: ["restored", "已复电"],
  finished: ["finished", "已完工"],
  called_back: ["called back", "已回访"],
  archived: ["archived", "已归档"],
  returned: ["returned", "已退单"],
  suspended: ["suspended", "已挂起"],
  cancelled: ["cancelled", "已取消"],
  accept: ["accept", "接单"],
  set_out: ["set out", "出发"],
  arrive: ["check in", "到场签到"],
  start: ["start", "开工"],
  restore: ["restored", "复电"],
  finish: ["finish", "完工"],
  return: ["return", "退单"],
  suspend: ["suspend", "挂起"],
  resume: ["resume", "恢复"],
  stop: ["stop", "抄表点"],
  route: ["route", "抄表路线"],
  meter: ["meter", "电表"],
  // Stops and outcomes.
  open: ["open", "待抄"],
  read: ["read", "已抄"],
  skipped: ["skipped", "未抄到"],
  merged: ["merged", "已合并"],
  conflict: ["conflict", "有冲突"],
  held: ["held", "暂存"],
  rejected: ["rejected", "被拒绝"],
} as const satisfies Readonly<Record<string, readonly [en: string, zh: string]>>;

/** A word of the trade. */
export type Word = keyof typeof TRADE;

/** Say a word of the trade in a language. */
export function say(lang: Lang, word: Word): string {
  const [en, zh] = TRADE[word];
  return lang === "zh" ? zh : en;
}

/** Translate a trade word (a state, a step, or a list of them); unknown ones stay. */
export function trade(lang: Lang, words: string): string {
  const told = words
    .split(",")
    .map((part) => part.trim())
    .map((part) => (isWord(part) ? say(lang, part) : part));
  return told.join(lang === "zh" ? "、" : ", ");
}

function isWord(text: string): text is Word {
  return Object.hasOwn(TRADE, text);
}
