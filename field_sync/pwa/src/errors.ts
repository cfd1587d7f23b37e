/**
 * What the handheld refuses, and what it says when the server or the network does.
 *
 * Every class is expected: a person can read its sentence and act on it. A bug is none of them.
 * Codes are those of `field_sync/errors.py`; the words speak of a phone where those speak of a
 * command line.
 */

import type { Problem, Words } from "./wire";

export type FieldValue = string | number | boolean | null | readonly string[];
export type Fields = Readonly<Record<string, FieldValue>>;

/** The act was understood and will not be done; its words say what to do. */
export abstract class Refused extends Error {
  static readonly code: string = "";
  static readonly status: number = 409;
  static readonly en: string = "";
  static readonly zh: string = "";

  readonly fields: Fields;

  constructor(fields: Fields = {}, options?: ErrorOptions) {
    super("", options);
    this.fields = fields;
    this.message = this.words.en;
  }

  /** The stable name of the refusal. */
  get code(): string {
    return this.#kind.code;
  }

  get status(): number {
    return this.#kind.status;
  }

  /** The sentence in both languages, with its numbers. */
  get words(): Words {
    return { en: filled(this.#kind.en, this.fields), zh: filled(this.#kind.zh, this.fields) };
  }

  get #kind(): typeof Refused {
    return this.constructor as typeof Refused;
  }
}

/** This handheld belongs to nobody yet. Sign in while there is signal. */
export class NotEnrolled extends Refused {
  static override readonly code = "handheld-not-enrolled";
  static override readonly en = "This phone is not enrolled yet; sign in where there is signal.";
  static override readonly zh = "本机尚未登记，请在有信号处登录。";
}

/** The store belongs to a device already. Use another phone for another person. */
export class AlreadyEnrolled extends Refused {
  static override readonly code = "handheld-already-enrolled";
  static override readonly en = "This phone is enrolled as {device} already.";
  static override readonly zh = "本机已登记为设备 {device}。";
}

/** The office has revoked this device: its work records are gone, its unsent acts are kept. */
export class Wiped extends Refused {
  static override readonly code = "handheld-wiped";
  static override readonly en =
    "The office has revoked this handheld: {notice} Hand it in; what you did is still on it.";
  static override readonly zh =
    "本机已被办公室停用：{notice} 请交回设备，您未上传的记录仍保存在本机。";
}

/** The work is not (or no longer) on this handheld. Look at the worklist, or sync. */
export class NotOnPhone extends Refused {
  static override readonly code = "handheld-lacks-it";
  static override readonly status = 404;
  static override readonly en =
    "There is no {what} {id} on this handheld; look at the worklist, or sync first.";
  static override readonly zh = "本机没有{what} {id}，请查看工作清单或先同步。";
}

/** The order's life does not allow this step now. Do one of the steps that are named. */
export class WrongStep extends Refused {
  static override readonly code = "handheld-wrong-step";
  static override readonly en =
    "The order is '{state}': '{step}' is not possible now. Possible: {possible}.";
  static override readonly zh = "工单当前为“{state}”，不能执行“{step}”。可执行：{possible}。";
}

/** The step has been done already; there is nothing to do. */
export class AlreadyDone extends Refused {
  static override readonly code = "handheld-already-done";
  static override readonly en = "The order is '{state}' already: '{step}' has been done.";
  static override readonly zh = "工单已处于“{state}”：“{step}”已完成。";
}

/** The order says so already. Name what is otherwise. */
export class NothingChanged extends Refused {
  static override readonly code = "handheld-nothing-changed";
  static override readonly status = 422;
  static override readonly en = "The order says so already; name what you found otherwise.";
  static override readonly zh = "工单内容已是如此，请指出需要更正之处。";
}

/** The order has no site yet. Give its position with the words how to get in. */
export class SiteNeedsPosition extends Refused {
  static override readonly code = "handheld-site-needs-position";
  static override readonly status = 422;
  static override readonly en = "The order has no site yet; give its position too.";
  static override readonly zh = "该工单尚无现场位置，请同时提供位置。";
}

/** A reason must say what stands in the way; "busy" does not. Say it in concrete words. */
export class VagueReason extends Refused {
  static override readonly code = "handheld-vague-reason";
  static override readonly status = 422;
  static override readonly en = "The reason is not concrete ({fault}): say what stands in the way.";
  static override readonly zh = "理由不具体（{fault}）：请说明实际原因。";
}

/** The order's policy set does not let this stand. Pick a reason that it has; say until when. */
export class ReasonNotAllowed extends Refused {
  static override readonly code = "handheld-reason-not-allowed";
  static override readonly status = 422;
  static override readonly en =
    "This cannot be given as the reason ({fault}); the policy set has: {known}.";
  static override readonly zh = "不能以此为原因（{fault}）；可选：{known}。";
}

/** Nobody can be promised such a window. Mend its times. */
export class WindowFaulty extends Refused {
  static override readonly code = "handheld-window-faulty";
  static override readonly status = 422;
  static override readonly en = "This window cannot be promised ({fault}): mend its times.";
  static override readonly zh = "不能承诺该时段（{fault}）：请修改时间。";
}

/** The order has no such promise that still runs. Look at the order, or sync. */
export class NoPromise extends Refused {
  static override readonly code = "handheld-lacks-promise";
  static override readonly status = 404;
  static override readonly en =
    "The order has no promise {id} that still runs; look at it, or sync first.";
  static override readonly zh = "工单没有进行中的承诺 {id}，请查看工单或先同步。";
}

/** The promise is due already; no consent undoes that. Call the customer, and the office. */
export class PromiseOver extends Refused {
  static override readonly code = "handheld-promise-over";
  static override readonly en =
    "The promise was due at {due_at}; it can be agreed anew only before that.";
  static override readonly zh = "该承诺已于 {due_at} 到期；只能在到期之前重新约定。";
}

/** A value does not have the form it must have. Mend it and repeat. */
export class Malformed extends Refused {
  static override readonly code = "handheld-malformed";
  static override readonly status = 422;
  static override readonly en = "This cannot be stored: {reason}";
  static override readonly zh = "无法保存：{reason}";
}

/** The reading looks odd. Read the display again; confirm the prompts if it is right. */
export class ConfirmFirst extends Refused {
  static override readonly code = "handheld-confirm-first";
  static override readonly en =
    "Look at the display again, and confirm if it is right: {prompts_en}";
  static override readonly zh = "请再看一次表显，如无误请确认：{prompts_zh}";
}

/** The district asks for a photo of this. Take one, or say in the note why there is none. */
export class PhotoFirst extends Refused {
  static override readonly code = "handheld-photo-first";
  static override readonly en = "Take a photo first, or say in the note why there is none.";
  static override readonly zh = "请先拍照，或在备注中说明无照片的原因。";
}

/** The route has a meter with this serial. Read it there. */
export class OnRoute extends Refused {
  static override readonly code = "handheld-on-route";
  static override readonly en = "Meter {serial} is number {sequence} of this route; read it there.";
  static override readonly zh = "电表 {serial} 是本路线第 {sequence} 户，请在该处抄录。";
}

/** The stop has this serial already. Read the plate again; there may be nothing to report. */
export class SameSerial extends Refused {
  static override readonly code = "handheld-same-serial";
  static override readonly status = 422;
  static override readonly en = "The route says {serial} too; look at the plate again.";
  static override readonly zh = "路线上的表号也是 {serial}，请再核对铭牌。";
}

/** The meter cannot show such a number. Read the display again. */
export class NotOnDisplay extends Refused {
  static override readonly code = "handheld-not-on-display";
  static override readonly status = 422;
  static override readonly en =
    "The meter shows {digits} digits and {decimals} decimals; {value} does not fit.";
  static override readonly zh = "该表为 {digits} 位整数、{decimals} 位小数，{value} 不符。";
}

/** The same file is kept for this work already; there is nothing to do. */
export class AlreadyKept extends Refused {
  static override readonly code = "handheld-already-kept";
  static override readonly en = "This file has been kept for this work already.";
  static override readonly zh = "该文件已为此工单保存过。";
}

/** The file cannot be read. Take the photo again. */
export class NotAFile extends Refused {
  static override readonly code = "handheld-no-file";
  static override readonly status = 404;
  static override readonly en = "The file {path} cannot be read.";
  static override readonly zh = "无法读取文件 {path}。";
}

/** The file is larger than evidence may be. Take the photo in a smaller size. */
export class FileTooLarge extends Refused {
  static override readonly code = "handheld-file-too-large";
  static override readonly status = 413;
  static override readonly en = "The file has {size_bytes} bytes; at most {bytes_max} are allowed.";
  static override readonly zh = "文件为 {size_bytes} 字节，最大允许 {bytes_max} 字节。";
}

/** Too much waits to be sent. Find signal and sync before you go on. */
export class OutboxFull extends Refused {
  static override readonly code = "handheld-outbox-full";
  static override readonly en =
    "{waiting} operations wait to be sent, the limit is {limit}; sync before you go on.";
  static override readonly zh = "已有 {waiting} 条记录待上传（上限 {limit}），请先同步。";
}

/** Nothing was saved: the handheld has no space left. Free some and repeat. */
export class DiskFull extends Refused {
  static override readonly code = "handheld-disk-full";
  static override readonly status = 507;
  static override readonly en =
    "Not saved: this handheld has no space left. Free some and do it again.";
  static override readonly zh = "未保存：本机存储空间不足，请清理后重试。";
}

/** Another tab holds the store, or a round runs already. Wait a moment and repeat. */
export class StoreBusy extends Refused {
  static override readonly code = "handheld-store-busy";
  static override readonly status = 503;
  static override readonly en =
    "Another tab is using this phone's data; nothing was changed. Go on there, or reload here.";
  static override readonly zh =
    "其他标签页正在使用本机数据，未作更改。请在那里继续，或重新加载本页。";
}

/** A newer version of this app made the store. Update the app. */
export class StoreTooNew extends Refused {
  static override readonly code = "handheld-store-too-new";
  static override readonly en =
    "A newer version of this app has kept the data; this one knows {known}: update the app.";
  static override readonly zh = "本机数据由更新版本保存，本程序仅支持版本 {known}，请更新程序。";
}

/**
 * The device's key is there and cannot be used. Have the office allow another, then sign in.
 *
 * What the crew did stays on the handheld meanwhile.
 */
export class KeyUnreadable extends Refused {
  static override readonly code = "handheld-key-unreadable";
  static override readonly status = 500;
  static override readonly en =
    "The device's key {path} cannot be read; nothing is sent without it and nothing is lost.";
  static override readonly zh = "无法读取设备密钥 {path}；没有密钥不会上传，数据仍保存在本机。";
}

/** The server was not reached, or its answer was lost. Nothing is lost; try again later. */
export class NoSignal extends Refused {
  static override readonly code: string = "handheld-no-signal";
  static override readonly status: number = 503;
  static override readonly en: string =
    "The server was not reached. Everything is kept here; sync again when there is signal.";
  static override readonly zh: string =
    "未能连接服务器。所有记录已保存在本机，有信号后请再次同步。";

  /** How long the server asked us to wait, if it was the server who spoke. */
  get retryAfterS(): number | null {
    const waitS = this.fields.retry_after_s;
    return typeof waitS === "number" ? waitS : null;
  }
}

/** The line broke in the middle of an answer. Nothing is lost; the next one is asked shorter. */
export class AnswerCut extends NoSignal {
  static override readonly code = "handheld-answer-cut";
  static override readonly en =
    "The line broke in the middle of the server's answer. Sync goes on where it was.";
  static override readonly zh = "接收服务器应答时连接中断，下次同步将从中断处继续。";
}

/** The session has ended. Sign in again; meanwhile everything is still recorded. */
export class SignedOut extends Refused {
  static override readonly code = "handheld-signed-out";
  static override readonly status = 401;
  static override readonly en =
    "You are signed out; sign in again. Your work is still recorded here.";
  static override readonly zh = "您已退出登录，请重新登录。期间的工作仍会保存在本机。";
}

/** The server does not take the token (any more). Refresh it, or sign in again. */
export class TokenRefused extends Refused {
  static override readonly code = "handheld-token-refused";
  static override readonly status = 401;
  static override readonly en = "The server does not accept this session any more.";
  static override readonly zh = "服务器已不接受当前会话。";
}

/** The office has revoked this device; the server tells it so. */
export class Revoked extends Refused {
  static override readonly code = "handheld-revoked";
  static override readonly status = 401;
  static override readonly en = "The office has revoked this handheld.";
  static override readonly zh = "办公室已停用本机。";
}

/** The server understood and refused; its own words say why. */
export class ServerRefused extends Refused {
  static override readonly code = "handheld-server-refused";
  static override readonly en = "The server refused ({server_code}): {server_en}";
  static override readonly zh = "服务器拒绝（{server_code}）：{server_zh}";

  /** Carry the server's own words. */
  static saying(problem: Problem): ServerRefused {
    return new ServerRefused({
      server_code: problem.code,
      server_en: problem.detail.en,
      server_zh: problem.detail.zh,
      server_status: problem.status,
    });
  }

  get serverCode(): string {
    return String(this.fields.server_code ?? "");
  }
}

/** The browser's push service was not reached. Try again where there is signal, or go without. */
export class PushFailed extends Refused {
  static override readonly code = "handheld-push-failed";
  static override readonly status = 502;
  static override readonly en =
    "This browser's push service cannot be reached. Try again later, or go on without.";
  static override readonly zh = "无法连接浏览器的推送服务，请稍后重试；不影响正常使用。";
}

/** The answer was not one of our server's. Check the address; some networks answer for it. */
export class AnswerUnreadable extends Refused {
  static override readonly code = "handheld-answer-unreadable";
  static override readonly status = 502;
  static override readonly en =
    "The answer did not come from a Lamplighter server ({reason}); check address and network.";
  static override readonly zh =
    "收到的应答不是来自 Lamplighter 服务器（{reason}），请检查地址和网络。";
}

/** There is not exactly one route on this handheld. Name the one that you mean. */
export class WhichRoute extends Refused {
  static override readonly code = "handheld-which-route";
  static override readonly status = 422;
  static override readonly en = "Say which route: {routes}.";
  static override readonly zh = "请指明抄表路线：{routes}。";
}

/** Put the fields into a sentence; a placeholder whose field was not given stays readable. */
function filled(sentence: string, fields: Fields): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) =>
    Object.hasOwn(fields, name) ? String(fields[name]) : placeholder,
  );
}
