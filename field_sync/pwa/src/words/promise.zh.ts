/** Promises to customers in Chinese. */

import type { promise as english } from "./promise.en";
import type { Told } from "./told";

export const promise: Told<typeof english> = {
  promises: {
    title: "对客户的承诺",
    make: "向客户承诺",
    reagree: "与客户改约",
    makeTold: "承诺即刻开始计时，调度室可以看到。",
    reagreeTold: "必须在到期之前，并取得客户同意。",
    which: "哪一项承诺",
    aim: "承诺内容",
    aims: { arrive: "到达现场", restore: "恢复供电", finish: "完成作业" },
    from: "开始时间（如非即刻）",
    by: "最晚时间",
    words: "您的原话",
    wordsHint: "按您所说填写：“下午两点到四点之间带吊车过来。”",
    customer: "客户姓名",
    contact: "联系方式",
    consent: "同意人",
    how: "同意方式",
    hows: { spoken: "口头", signed: "签字", written: "书面" },
    why: "为何不能按原承诺",
    keepMade: "确认承诺",
    keepAgreed: "客户已同意",
    none: "该工单没有进行中的承诺。",
    missing: "请填写必填项。",
    window: (from, by) => (from === null ? `${by} 之前` : `${from} 至 ${by}`),
    line: (aim, window) => `${aim}，${window}`,
    standings: {
      running: "进行中",
      near: "即将到期",
      kept: "已兑现",
      kept_here: "按本机记录已兑现，待调度室收到后确认。",
      late: "已超时",
      late_here: "已过时限，待您的记录上传后再定论。",
      broken: "未按时兑现",
    },
  },
  windowFaults: {
    over: "时段已过",
    backwards: "结束早于开始",
    too_far: "时间过远",
  },
};
