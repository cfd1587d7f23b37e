/**
 * The words of the sync conversation: its phases and states, what happens, what is to be done.
 *
 * Each action says which event answers it; a failure is always one of `lost`, `token_refused`,
 * `request_refused` and `revoked`.
 */

/** What the handheld waits for. */
export const PHASES = [
  "idle",
  "asking",
  "pushing",
  "rebasing",
  "pulling",
  "uploading",
  "refreshing",
  "backing_off",
  "signed_out",
  "wiped",
  "last_words",
] as const;
export type Phase = (typeof PHASES)[number];

/** Where the conversation stands. */
export interface State {
  /** What it waits for. */
  readonly phase: Phase;
  /** A push went out and its answer never came. */
  readonly unsure: boolean;
  /** The token was renewed in this round and has not been accepted since. */
  readonly renewed: boolean;
  /** How often this round has asked because the server's chain was not ours. */
  readonly joins: number;
  /** Tries that failed in a row. */
  readonly failures: number;
  /** Not to be woken before this by the timer; a person may. */
  readonly waitUntil: Date | null;
}

/** What lies ready in the store: operations to push, files to upload. */
export interface Work {
  readonly operations: number;
  readonly files: number;
}

/** Where the server's chain and ours part. */
export interface Fork {
  /** Number of the server's last operation of this device. */
  readonly n: number;
  /** Its hash. */
  readonly sha256: string;
  /** The number through which the server has what is ours; not above `n`. */
  readonly after: number;
}

/** A person wants to sync now. */
export interface Asked {
  readonly kind: "asked";
  readonly work: Work;
}

/** The timer went off. */
export interface Due {
  readonly kind: "due";
  readonly now: Date;
  readonly work: Work;
}

/** A sync was answered, and the answer is in the store. */
export interface Answered {
  readonly kind: "answered";
  readonly now: Date;
  /** What is left. */
  readonly work: Work;
  /** Whether the server has more changes to tell. */
  readonly more: boolean;
  /**
   * Whether an operation was settled or the cursor went on; without that, going on would go round
   * in a circle.
   */
  readonly moved: boolean;
  /** When the server wants to hear of us again. */
  readonly nextInS: number;
  /** Whether what it said shows that its chain of our operations is not ours. */
  readonly diverged: boolean;
}

/** The server said how far it had settled, and that is in the store. */
export interface Acknowledged {
  readonly kind: "acknowledged";
  readonly work: Work;
  /** Where its chain and ours part, if they do. */
  readonly fork: Fork | null;
}

/** What waits follows the server's last operation now. */
export interface Rebased {
  readonly kind: "rebased";
  readonly work: Work;
}

/** A file has arrived or was refused; either way it waits no longer. */
export interface FileSettled {
  readonly kind: "file_settled";
  readonly work: Work;
}

/** New tokens are in the store. */
export interface Renewed {
  readonly kind: "renewed";
  readonly work: Work;
}

/** The person signed in again. */
export interface SignedIn {
  readonly kind: "signed_in";
  readonly work: Work;
}

/** No answer came, or the server is busy; `spread` is a random number from 0 up to 1. */
export interface Lost {
  readonly kind: "lost";
  readonly now: Date;
  readonly spread: number;
  readonly retryAfterS: number | null;
}

/** The server did not take the token. */
export interface TokenRefused {
  readonly kind: "token_refused";
}

/** The server does not know the cursor; what was pushed with it may have been settled. */
export interface CursorRefused {
  readonly kind: "cursor_refused";
}

/** The server refuses the request as such; repeating it at once would change nothing. */
export interface RequestRefused {
  readonly kind: "request_refused";
  readonly now: Date;
}

/** The office has revoked this device. */
export interface Revoked {
  readonly kind: "revoked";
  readonly notice: string;
}

/** The server keeps what was said last; `work` is what is left. */
export interface LastWordsHeard {
  readonly kind: "last_words_heard";
  readonly work: Work;
}

export type Event =
  | Asked
  | Due
  | Answered
  | Acknowledged
  | Rebased
  | FileSettled
  | Renewed
  | SignedIn
  | Lost
  | TokenRefused
  | CursorRefused
  | RequestRefused
  | Revoked
  | LastWordsHeard;

/** Ask how far the server has settled; answer with `acknowledged` or a failure. */
export interface Ask {
  readonly kind: "ask";
}

/** Number what waits anew, behind the server's last operation; answer with `rebased`. */
export interface Rebase {
  readonly kind: "rebase";
  readonly fork: Fork;
}

/** Send the next batch of operations; answer with `answered` or a failure. */
export interface Push {
  readonly kind: "push";
}

/** Fetch the next page of changes; answer with `answered` or a failure. */
export interface Pull {
  readonly kind: "pull";
}

/** Send the next file, or what is left of it; answer with `file_settled` or a failure. */
export interface SendFile {
  readonly kind: "send_file";
}

/** Exchange the refresh token; answer with `renewed` or a failure. */
export interface Renew {
  readonly kind: "renew";
}

/** Forget the cursor, so that everything comes afresh; needs no answer. */
export interface ForgetCursor {
  readonly kind: "forget_cursor";
}

/** Remember that somebody must sign in again; capture goes on; needs no answer. */
export interface SignOut {
  readonly kind: "sign_out";
}

/** Tell the notice and wipe the server's records; the outbox stays; needs no answer. */
export interface Wipe {
  readonly kind: "wipe";
  readonly notice: string;
}

/** Say what was not sent, signed by the device's key; answer with `last_words_heard`. */
export interface SayLast {
  readonly kind: "say_last";
}

export type Action =
  | Ask
  | Rebase
  | Push
  | Pull
  | SendFile
  | Renew
  | ForgetCursor
  | SignOut
  | Wipe
  | SayLast;
