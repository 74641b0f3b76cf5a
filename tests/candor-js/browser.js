/** A page without a browser: what candor.js asks of one, and the consent server it talks to. */

const { setTimeout: later } = globalThis;

/** @param {number} ms */
export const wait = (ms) => new Promise((r) => later(r, ms));

// What a page leaves behind does not keep the tests from ending.
globalThis.setTimeout = /** @type {any} */ ((/** @type {() => void} */ f, /** @type {number} */ ms) => later(f, ms).unref());

/** @param {string} id @param {object} [more] */
export const purpose = (id, more = {}) => ({
  id, label: id, why: "So.", basis: "consent", dpvPurpose: "ServicePersonalisation", notice: `hash-of-${id}`, text: `## ${id}\n`, shared: false, collects: [], ...more,
});

/** @param {string} id @param {object} [more] */
export const standing = (id, more = {}) => ({ purpose: id, basis: "consent", dpvPurpose: "ServicePersonalisation", state: "none", allowed: false, ask: true, shared: false, collects: [], ...more });

export class Server {
  /** @type {{method: string, path: string, body: any, session: string | null, keepalive: boolean}[]} */
  calls = [];
  /** @type {Record<string, any>} */
  answers = {};

  constructor() {
    globalThis.fetch = /** @type {any} */ (async (/** @type {string} */ url, /** @type {any} */ how) => {
      const path = new URL(url).pathname.replace("/v1/web/", "");
      const call = { method: how.method, path, body: how.body ? JSON.parse(how.body) : null, session: how.headers.authorization?.slice(7) ?? null, keepalive: how.keepalive };
      this.calls.push(call);
      assertNoCookies(how);
      const answer = this.answers[`${how.method} ${path}`];
      const given = typeof answer === "function" ? answer(call) : answer;
      if (given === undefined) throw new TypeError("Failed to fetch");
      const status = given.status ?? 200;
      return { ok: status < 400, status, json: async () => given };
    });
  }

  /** @param {string} path */
  to(path) {
    return this.calls.filter((c) => `${c.method} ${c.path}` === path);
  }
}

/** @param {any} how */
function assertNoCookies(how) {
  if (how.credentials !== "omit") throw new Error("A call carries credentials.");
}

/** @returns {Map<string, string>} What is kept. */
export function storage() {
  const kept = new Map();
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    value: {
      getItem: (/** @type {string} */ k) => kept.get(k) ?? null,
      setItem: (/** @type {string} */ k, /** @type {string} */ v) => void kept.set(k, v),
      removeItem: (/** @type {string} */ k) => void kept.delete(k),
    },
  });
  return kept;
}

/** @param {boolean} on */
export function gpc(on) {
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { globalPrivacyControl: on } });
}

let loaded = 0;

/** A fresh page. @returns {Promise<typeof import("../../src/candor-js/candor.js")>} */
export const page = () => import(`../../src/candor-js/candor.js?page=${++loaded}`);
