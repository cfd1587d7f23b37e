/**
 * Which tab works: the one that holds the lock. Another one may take it over, and then this sleeps.
 *
 * The lock only tells tabs of each other. That a tab which lost it writes nothing more, the store
 * itself sees to at each write.
 */

const LOCK = "lamplighter";
const WAITED_MS = 1_000;

/** The lock, as long as it is ours. */
export interface Held {
  /** Comes true when another tab has taken over. */
  readonly lost: Promise<void>;
  release(): void;
}

/**
 * Take the lock if no other tab has it; null if one has.
 *
 * A page that was loaded anew comes before the browser has taken the lock from the one it took the
 * place of, so a lock that is held is waited for, a second long, before it counts.
 */
export async function take(locks: LockManager | undefined): Promise<Held | null> {
  const signal = AbortSignal.timeout(WAITED_MS);
  try {
    return await requested(locks, { signal });
  } catch (error) {
    if (signal.aborted) return null; // another tab has it, and keeps it
    throw error;
  }
}

/** Take the lock, whoever has it. */
export function takeOver(locks: LockManager | undefined): Promise<Held | null> {
  return requested(locks, { steal: true });
}

/** Ask for the lock. A browser that has none lets every tab work; the store keeps them apart. */
function requested(locks: LockManager | undefined, options: LockOptions): Promise<Held | null> {
  let release = () => {};
  const kept = new Promise<void>((resolve) => {
    release = resolve;
  });
  const forEver = new Promise<void>(() => {});
  if (locks === undefined) return Promise.resolve({ lost: forEver, release });
  return new Promise((resolve, reject) => {
    let lose = () => {};
    const lost = new Promise<void>((resolveLost) => {
      lose = resolveLost;
    });
    const held = locks.request(LOCK, options, (lock) => {
      resolve(lock === null ? null : { lost, release });
      return lock === null ? undefined : kept;
    });
    // When it is stolen the browser breaks the request off.
    held.catch((error: unknown) => {
      lose();
      reject(error);
    });
  });
}
