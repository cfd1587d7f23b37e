/** What the map and its ground say in Chinese. */

import type { map as en } from "./map.en";
import type { Told } from "./told";

export const map: Told<typeof en> = {
  map: {
    title: "地图",
    show: "在地图上查看",
    navigate: "导航",
    amap: "高德地图",
    failed: "地图未能加载，请在有信号时打开一次。",
    follow: "显示我的位置",
    following: "地图正跟随您的位置",
    looking: "正在获取位置",
    none: {
      denied: "本应用无定位权限，可在手机设置中开启。",
      unavailable: "手机暂时无法定位。",
      unsupported: "此浏览器不提供定位。",
    },
    here: (accuracyM, ageS) =>
      accuracyM === null ? `${ageS} 秒前定位` : `精度 ${accuracyM} 米，${ageS} 秒前`,
    feeder: (kv, station) => `${kv} kV，来自${station}`,
    more: (n) => `地图上另有 ${n} 处`,
  },
  basemap: {
    title: "地图底图",
    about: (size) => `供电单位提供了带街道和房屋的底图，占用本机 ${size}，无信号时也可使用。`,
    keep: (size) => `保存到本机（${size}）`,
    goOn: (size) => `继续下载（剩余 ${size}）`,
    pause: "暂停",
    forget: "从本机删除",
    have: (size) => `已保存在本机（${size}）。`,
    newer: (size) => `获取新版底图（${size}）`,
    come: (done, whole) => `已下载 ${done}，共 ${whole}`,
    metered: "允许使用移动数据",
    meteredHint: "否则仅在 Wi-Fi 下下载（手机能识别时）。",
  },
};
