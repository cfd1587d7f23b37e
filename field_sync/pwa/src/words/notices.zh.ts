/** Being woken, and promises near their end, in Chinese. */

import type { notices as en } from "./notices.en";
import type { Told } from "./told";

export const notices: Told<typeof en> = {
  push: {
    title: "通知",
    label: "接收推送通知",
    hint: "紧急工单、调度变更、时限即将到期时提醒，应用关闭时也能收到；不含姓名和地址。",
    states: {
      told: "调度室可以唤醒此手机。",
      wanted: "已开启，有信号后告知调度室。",
    },
    trouble: {
      denied: "浏览器不允许此应用显示通知。请在手机设置中允许后再返回。",
      "home-screen":
        "iPhone 只能唤醒主屏幕上的应用。请点“共享”，选择“添加到主屏幕”，再从主屏幕打开。",
      unable: "此浏览器不支持推送通知。其他功能不受影响，消息会随同步到达。",
    },
  },
  alarms: {
    title: "即将到期",
    near: (title: string, kind: string, at: string) => `“${title}”：${kind}时限 ${at} 到期。`,
    nameless: "您的一件工单时限即将到期。",
  },
};
