/**
 * What this browser remembers, and only after a choice: the session's token, or the answer of somebody who refused everything and so has no session.
 * The choices themselves are not kept here: the server is asked on every page, and its no wins.
 *
 * @typedef {object} Remembered
 * @property {string} [session]
 * @property {Record<string, number | null>} [refused] For each purpose, from when (milliseconds since 1970) it may be asked about again; null: never.
 * @property {number} [changed] When something changed last, so that other tabs notice.
 */

const KEY = "candor";

/** @returns {Remembered} */
export function recall() {
  try {
    const read = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return read && typeof read === "object" ? read : {};
  } catch {
    return {};
  }
}

/** @param {Remembered | null} what Null: forget everything. */
export function remember(what) {
  try {
    if (what) localStorage.setItem(KEY, JSON.stringify({ ...what, changed: Date.now() }));
    else localStorage.removeItem(KEY);
  } catch {
    // A browser that keeps nothing asks again on the next page; nothing is collected there without an answer.
  }
}

/** @param {() => void} changed Called when another tab of this site has changed what is remembered. */
export function onOtherTab(changed) {
  globalThis.addEventListener?.("storage", (e) => {
    if (e.key === KEY || e.key === null) changed();
  });
}
