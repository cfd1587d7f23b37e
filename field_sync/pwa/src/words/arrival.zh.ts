/** What is brought beside a doubtful position, in Chinese; as `schemas/checkins.py` says it. */

import type { arrival as english } from "./arrival.en";
import type { Told } from "./told";

export const arrival: Told<typeof english> = {
  arrival: {
    beside: "补充的内容与定位一并保存，能说明什么由督办人员判断。",
    stay: (dwellS) => `在此停留 ${spanOf(dwellS)}`,
    stayAgain: "重新开始停留",
    staying: "请在现场停留，保持此页面打开，其间会多次定位。",
    underWay: "停留进度",
    scanned: (code) => `已扫码：${code}`,
    stays: {
      stayed: "其间定位从未离开",
      left: "其间有定位在别处",
      short: "时间不足",
      sparse: "定位次数不足",
    },
    stayed: (seconds, kind, found) => {
      const around =
        found.accuracyM === null ? "" : `，精度中位数 ± ${found.accuracyM.toFixed(0)} 米`;
      return (
        `停留 ${seconds.toFixed(0)} 秒，${kind}：定位 ${found.positions} 次${around}，` +
        `其中 ${found.inside} 次确定在现场。`
      );
    },
  },
};

function spanOf(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} 秒` : `${Math.round(seconds / 60)} 分钟`;
}
