/** What tests take from Node's global scope. */

type Encoding = "base64url" | "hex" | "utf-8";

/** As much of Node's bytes as tests ask for. */
class PageBuffer extends Uint8Array<ArrayBuffer> {
  static override from(content: unknown, encoding: unknown = "utf-8"): PageBuffer {
    if (typeof content !== "string") return made(content as Iterable<number>);
    if (encoding !== "base64url") return made(new TextEncoder().encode(content));
    const text = atob(content.replaceAll("-", "+").replaceAll("_", "/"));
    return made([...text].map((each) => each.charCodeAt(0)));
  }

  static concat(parts: readonly Uint8Array[]): PageBuffer {
    return made(parts.flatMap((part) => [...part]));
  }

  override toString(encoding: Encoding = "utf-8"): string {
    if (encoding === "utf-8") return new TextDecoder().decode(this);
    if (encoding === "hex") return [...this].map((each) => hex(each)).join("");
    const text = btoa([...this].map((each) => String.fromCharCode(each)).join(""));
    return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  }
}

function made(bytes: Iterable<number>): PageBuffer {
  const all = Uint8Array.from(bytes);
  return new PageBuffer(all.buffer);
}

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** Comes after what is under way, and before any timer. */
function setImmediate(work: () => void): void {
  waiting.push(work);
  channel.port2.postMessage(null);
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

Object.assign(globalThis, { Buffer: PageBuffer, setImmediate });
