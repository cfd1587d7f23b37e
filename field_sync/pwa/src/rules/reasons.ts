/**
 * Concrete reasons: a promise is not put off because somebody is "busy" (工作忙).
 *
 * A reason is concrete when something is left of it after the words that say nothing are taken away.
 * The list is judged whole: "busy" is refused, "busy with the fallen pole on feeder 7" is not.
 */

export const REASON_CHARS_MAX = 2_000;
/** Letters that a reason needs; a Chinese character weighs two, any other letter or digit one. */
export const WEIGHT_MIN = 4;

/** Why a reason is refused. */
export type Fault = "blank" | "no_words" | "too_short" | "too_long" | "vague";

const VAGUE_EN = `
a about again all also am and any are as asap at be because been being bit busy but can cannot
cant cause circumstance circumstances could couldnt day days delay delayed did do dont due etc few
for from going had has have having he held her here his i im in is issue issues it its job jobs
just know later little lot lots make management many me misc moment more much my na never no none
not nothing now of ok okay on one operational other others our out personal please plz pressure
problem problems quite really reason reasons right same she short so some somehow something sorry
still stuff test than that the their them then there they thing things this time tired to today
tomorrow too unable unknown until up us various very want was we week were weve what whatever when
will with wont work working workload works xxx yes yet you
`;
const VAGUE_ZH = `
工作 太 忙 很 比较 繁忙 事情 事 多 任务 重 有 没 没有 空 时间 不 够 不够 原因 其他 其它 个人
客观 主观 特殊 情况 问题 临时 暂时 现在 目前 今天 明天 最近 近期 一些 一点 因为 由于 所以 的 了
呢 啊 吧 是 在 我 我们 他 他们 本人 班组 人员 稍后 以后 再 说 再说 晚点 无 未知 不详 不清楚
不知道 略 测试 随便 请 谅解 抱歉 对不起 正在 处理 中 加班 累 压力 大 工作量 来不及 走不开
抽不开身 脱不开身 排不开 等 等等 都 也 还 又 就 这 那 些 点 得
`;

const SAYS_NOTHING = new RegExp(
  `(?<![a-z0-9])(?:${longestFirst(VAGUE_EN)})(?![a-z0-9])|${longestFirst(VAGUE_ZH)}`,
  "gu",
);
const APOSTROPHES = /['\u2019`]/gu;
const NOT_WORD = /[^\p{L}\p{N}]+/gu;
const LETTER = /\p{L}/u;
const HAN = /[\u3400-\u9fff\u{20000}-\u{3ffff}]/u;
const GAP_IN_HAN = new RegExp(`(?<=${HAN.source}) (?=${HAN.source})`, "gu");

/** Judge whether `text`, in Chinese or English, is a concrete reason; null where it is. */
export function check(text: string): Fault | null {
  if ([...text].length > REASON_CHARS_MAX) return "too_long";
  if (text.trim() === "") return "blank";
  const words = folded(text)
    .replace(APOSTROPHES, "")
    .replace(NOT_WORD, " ")
    .replace(/^ +| +$/g, "")
    .replace(GAP_IN_HAN, "");
  if (!LETTER.test(words)) return "no_words";
  if (saysNothing(words)) return "vague";
  return weight(words) < WEIGHT_MIN ? "too_short" : null;
}

/** Bring letters of any case and width to one form. */
function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase().replaceAll("ß", "ss");
}

/** Tell whether only words without content, or one character again and again, are there. */
function saysNothing(words: string): boolean {
  const letters = [...words.replaceAll(" ", "")];
  const repeatsOne = letters.length >= WEIGHT_MIN && new Set(letters).size === 1;
  return repeatsOne || words.replace(SAYS_NOTHING, "").trim() === "";
}

/** Count letters and digits, Chinese characters twice. */
function weight(words: string): number {
  const letters = [...words.replaceAll(" ", "")];
  return letters.reduce((total, letter) => total + (HAN.test(letter) ? 2 : 1), 0);
}

/** Write a word list as alternatives of a pattern. */
function longestFirst(words: string): string {
  const list = words.trim().split(/\s+/);
  return list.sort((one, other) => [...other].length - [...one].length).join("|");
}
