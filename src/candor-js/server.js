/**
 * What the server says and is asked. Every call goes to `/v1/web` with a bearer session or none; cookies are never sent.
 *
 * @typedef {"consent" | "legitimate-interest"} Basis
 *
 * @typedef {object} NoticePurpose One purpose as the visitor reads it.
 * @property {string} id
 * @property {string} label
 * @property {string} why
 * @property {Basis} basis
 * @property {string} dpvPurpose Class of the W3C Data Privacy Vocabulary.
 * @property {string} notice Version of `text`: its SHA-256, sent back with a choice.
 * @property {string} text The section of the notice; `## ` begins a heading, `- ` an item.
 * @property {string} [ifOff]
 * @property {boolean} shared Data goes to other organisations, so Global Privacy Control concerns it.
 * @property {string[]} collects Data points that `track` may send while it is allowed.
 * @property {string} [askAgain] Until when a no of today is left in peace; absent: for ever.
 *
 * @typedef {object} Notice
 * @property {string} organisation
 * @property {string} contact
 * @property {string} language
 * @property {number} catalogVersion
 * @property {boolean} gpc The server saw `Sec-GPC: 1`.
 * @property {Record<string, string>} texts
 * @property {NoticePurpose[]} purposes
 *
 * @typedef {object} Standing Where the visitor stands on one purpose.
 * @property {string} purpose
 * @property {Basis} basis
 * @property {string} dpvPurpose
 * @property {string} state
 * @property {boolean} allowed
 * @property {boolean} ask
 * @property {boolean} shared
 * @property {string[]} collects
 *
 * @typedef {{session?: string, gpc: boolean, choices: Standing[]}} Standings
 */

/** The server said no, or could not be reached (status 0). */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} [type] `type` of the problem document.
   */
  constructor(status, type) {
    super(`The consent server answered ${status}${type ? ` ${type}` : ""}.`);
    this.status = status;
    this.type = type ?? "";
  }
}

/** Milliseconds after which a call counts as lost. */
const PATIENCE = 10_000;

/**
 * @param {string} server Address of the server, with or without a slash at the end.
 * @param {string} method
 * @param {string} path Below `/v1/web/`.
 * @param {{session?: string | null, body?: unknown, keepalive?: boolean}} [more]
 * @returns {Promise<any>}
 */
export async function call(server, method, path, { session, body, keepalive } = {}) {
  /** @type {Record<string, string>} */
  const headers = {};
  if (session) headers.authorization = `Bearer ${session}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch(`${server.replace(/\/$/, "")}/v1/web/${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      keepalive: keepalive ?? false,
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    throw new Refused(0);
  }
  const said = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, said?.type);
  return said;
}
