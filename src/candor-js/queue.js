import { Refused, call } from "./server.js";

/**
 * Events that wait to be sent: in memory alone, a page that is gone has no more of them than were on their way.
 *
 * @typedef {{dataPoint: string, id: string, data: unknown, at: number, tries: number}} Waiting
 */

/** Milliseconds that events are gathered before they are sent together. */
const GATHER = 2_000;
const MOST_WAITING = 200;
const MOST_AT_ONCE = 50;
/** Characters of one request's events; what outlives its page may have 64 KB in all, and the server takes no more. */
const MOST_CHARACTERS = 40_000;
const MOST_TRIES = 5;

/** An id that no other event has: 128 random bits. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

export class Queue {
  /** @type {Waiting[]} */
  #waiting = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #sending = false;

  /**
   * @param {() => {server: string, session: string | null}} where
   * @param {(dataPoint: string) => boolean} isAllowed Asked once more just before sending.
   * @param {() => void} notNeeded Called when the server no longer takes what we thought allowed.
   */
  constructor(where, isAllowed, notNeeded) {
    this.where = where;
    this.isAllowed = isAllowed;
    this.notNeeded = notNeeded;
  }

  get length() {
    return this.#waiting.length;
  }

  /**
   * @param {string} dataPoint
   * @param {unknown} data
   * @param {string} [id]
   */
  add(dataPoint, data, id) {
    if (this.#waiting.length >= MOST_WAITING) this.#waiting.shift();
    this.#waiting.push({ dataPoint, id: id ?? newId(), data, at: performance.now(), tries: 0 });
    this.later(GATHER);
  }

  clear() {
    this.#waiting = [];
  }

  /** Drops what is not allowed any more. */
  sift() {
    this.#waiting = this.#waiting.filter((e) => this.isAllowed(e.dataPoint));
  }

  /** @param {number} wait Milliseconds. */
  later(wait) {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, wait);
  }

  /** @param {boolean} [leaving] The page is going away. */
  async flush(leaving = false) {
    const { server, session } = this.where();
    if (!session || (this.#sending && !leaving)) return;
    this.sift();
    const batch = this.#take();
    if (batch.length === 0) return;
    this.#sending = true;
    try {
      const now = performance.now();
      const events = batch.map(({ dataPoint, id, data, at }) => ({ dataPoint, id, age: Math.max(0, Math.round(now - at)), data }));
      const answer = await call(server, "POST", "events", { session, body: { events }, keepalive: leaving });
      if (answer?.notNeeded > 0) this.notNeeded();
    } catch (e) {
      this.#putBack(batch, e instanceof Refused ? e.status : 0);
    } finally {
      this.#sending = false;
    }
    if (this.#waiting.length > 0) this.later(GATHER * (1 + this.#waiting[0].tries));
  }

  /** The oldest that fit into one request; one that fits into none is dropped. */
  #take() {
    const batch = [];
    let room = MOST_CHARACTERS;
    while (this.#waiting.length > 0 && batch.length < MOST_AT_ONCE) {
      const size = (JSON.stringify(this.#waiting[0].data) ?? "null").length + 200;
      if (size > MOST_CHARACTERS) {
        this.#waiting.shift();
        continue;
      }
      if (size > room) break;
      room -= size;
      batch.push(/** @type {Waiting} */ (this.#waiting.shift()));
    }
    return batch;
  }

  /**
   * What was refused stays away; what was lost is tried again, with the same ids, so that nothing counts twice.
   * @param {Waiting[]} batch
   * @param {number} status
   */
  #putBack(batch, status) {
    if (status === 401 || status === 403) this.notNeeded();
    if (status !== 0 && status !== 429 && status < 500) return;
    this.#waiting.unshift(...batch.filter((e) => ++e.tries < MOST_TRIES));
  }
}
