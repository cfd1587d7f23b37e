/** 现场电表与路线不符、以及办公室要求的照片，中文。 */

export const finding = {
  findings: {
    foundLink: "发现路线外电表",
    found: "路线外电表",
    foundTold: "办公室将收到并核实处理。",
    otherLink: "现场是另一只电表",
    other: "另一只电表",
    otherTold: "在办公室核实之前，此处抄录的示数先保留等待。",
    what: "您所知道的",
    whats: { changed: "已换表", mismatch: "表号不符" },
    serial: "铭牌表号",
    place: "所在位置",
    placeHint: "例如：院内水泵房后面。",
    total: "当前示数",
    totalIf: "当前示数（能看清时）",
    partIf: (name: string) => `${name}示数（能看清时）`,
    digits: "整数位数",
    decimals: "小数位数",
    oldTotal: "旧表最后示数（如知道）",
    report: "上报",
    waits: "现场为另一只电表，办公室核实中。",
    waitsShort: "待办公室核实",
    missing: "请填写标出的内容。",
    noNumber: "这不是数字。",
  },
  way: {
    keys: (text: string) => `钥匙：${text}`,
    dogs: (text: string) => `有狗：${text}`,
  },
  wanted: {
    display: "办公室要求拍摄表显照片；无法拍照时请备注原因。",
    skip: "需拍照，或备注无照片的原因",
  },
  left: {
    title: (n: number) => `还有 ${n} 户未抄`,
    told: "请补抄或登记未抄到的原因；留下的将保持未抄。",
    end: (n: number) => `留下 ${n} 户并结束`,
    more: (n: number) => `另有 ${n} 户`,
  },
} as const;
