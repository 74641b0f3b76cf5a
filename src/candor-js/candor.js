/**
 * candor.js: the visitor's choices on the business's own pages. Nothing is stored, collected or sent before a choice, save the question for the notice.
 */
import { Refused, call } from "./server.js";
import { onOtherTab, recall, remember } from "./memory.js";
import { Queue } from "./queue.js";
import * as others from "./others.js";
import { defineElements, hideNotice, openSettings, showNotice } from "./notice.js";

/**
 * @typedef {import("./server.js").Notice} Notice
 * @typedef {import("./server.js").Standing} Standing
 * @typedef {import("./server.js").Standings} Standings
 *
 * @typedef {object} Options
 * @property {string} [server] Address of the Candor server; the one this script came from, unless given.
 * @property {string} [language] Of the notice; the page's own, unless given.
 * @property {string} [token] A signed token (JWT) of the business's own site that says who is signed in there.
 * @property {boolean | others.GoogleMapping} [google] Tells Google Consent Mode v2; true: with the usual meaning of each purpose.
 * @property {boolean} [ask] False: the notice is shown only when the page calls `settings`.
 */

/** @type {Options} */
let options = {};
let server = new URL("..", import.meta.url).href;
/** @type {import("./memory.js").Remembered} */
let remembered = {};
/** @type {Map<string, Standing>} Said by the server on this page; empty until then, and whatever is not here is not allowed. */
let standings = new Map();
let isConfirmed = false;
/** @type {Promise<Notice> | null} */
let notice = null;
/** @type {Set<(choices: Record<string, boolean>) => void>} */
const listeners = new Set();
/** @type {Promise<void> | null} */
let started = null;

const queue = new Queue(
  () => ({ server, session: isConfirmed ? (remembered.session ?? null) : null }),
  (dataPoint) => (isConfirmed ? mayCollect(dataPoint) : !!remembered.session),
  () => void lookAgain(),
);

/** True when the browser says that data must not be sold or shared. */
export function hasGpc() {
  return /** @type {{globalPrivacyControl?: boolean}} */ (globalThis.navigator ?? {}).globalPrivacyControl === true;
}

/**
 * Starts: asks the server where this visitor stands and, where there is something to choose, shows the notice. Call it once a page.
 * @param {Options} [given]
 * @returns {Promise<void>} When the choices of this visitor are known, or could not be asked for; then nothing is allowed.
 */
export function init(given = {}) {
  return (started ??= start(given));
}

/** @param {Options} given */
async function start(given) {
  options = given;
  server = given.server ?? server;
  remembered = recall();
  onOtherTab(() => {
    remembered = recall();
    void lookAgain();
  });
  // A page that comes back from the browser's memory may be older than the last choice.
  globalThis.addEventListener?.("pageshow", (e) => void (e.persisted && lookAgain()));
  globalThis.document?.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void queue.flush(true);
  });
  if (given.google) others.gtag("consent", "default", { ...others.googleConsent([]), wait_for_update: 500 });
  try {
    if (given.token) await identify(given.token).catch(unlessBug);
    if (!isConfirmed) await refresh();
    if (given.ask !== false && (await isAsked())) await showNotice();
  } catch (e) {
    unlessBug(e);
  }
}

/** Without the server nothing is known to be allowed, so nothing is, and there is nobody to give an answer to. @param {unknown} e */
function unlessBug(e) {
  if (!(e instanceof Refused)) throw e;
}

/** After something may have changed elsewhere. */
async function lookAgain() {
  try {
    await refresh();
    if (!(await isAsked())) hideNotice();
  } catch (e) {
    unlessBug(e);
  }
}

/** Asks the server again where this visitor stands. */
async function refresh() {
  if (!remembered.session) {
    learn([], true);
    return;
  }
  try {
    const query = new URLSearchParams({ language: language(), ...(hasGpc() ? { gpc: "true" } : {}) });
    /** @type {Standings} */
    const said = await call(server, "GET", `choices?${query}`, { session: remembered.session });
    learn(said.choices, true);
  } catch (e) {
    const isOver = e instanceof Refused && (e.status === 401 || e.status === 403);
    if (isOver) keep({});
    learn([], isOver);
    if (!isOver) throw e;
  }
}

/**
 * @param {Standing[]} said
 * @param {boolean} confirmed
 */
function learn(said, confirmed) {
  const before = JSON.stringify(choices());
  const wasConfirmed = isConfirmed;
  standings = new Map(said.map((s) => [s.purpose, s]));
  isConfirmed = confirmed;
  queue.sift();
  if (queue.length > 0) void queue.flush();
  if (options.google) others.gtag("consent", "update", others.googleConsent(standings.values(), options.google === true ? {} : options.google));
  if (!wasConfirmed || before !== JSON.stringify(choices())) listeners.forEach((tell) => tell(choices()));
}

/** @param {import("./memory.js").Remembered} what */
function keep(what) {
  // What one session waited to send is not sent in another.
  if (what.session !== remembered.session) queue.clear();
  remembered = what;
  remember(what.session || what.refused ? what : null);
}

/** Whether there is a question to put to this visitor. */
async function isAsked() {
  if (remembered.session) return [...standings.values()].some((s) => s.ask);
  const now = Date.now();
  return (await loadNotice()).purposes.some((p) => {
    const again = remembered.refused?.[p.id];
    return p.basis === "consent" && (again === undefined || (again !== null && again <= now));
  });
}

/** @returns {Promise<Notice>} */
function loadNotice(fresh = false) {
  if (fresh) notice = null;
  notice ??= call(server, "GET", `notice?${new URLSearchParams({ language: language() })}`);
  notice.catch(() => (notice = null));
  return notice;
}

function language() {
  return (options.language ?? globalThis.document?.documentElement.lang ?? "").split("-")[0].toLowerCase();
}

/** @param {string} dataPoint */
function mayCollect(dataPoint) {
  return [...standings.values()].some((s) => s.allowed && s.collects.includes(dataPoint));
}

/**
 * What this visitor allows, by purpose, as the server said on this page.
 * @returns {Record<string, boolean>}
 */
export function choices() {
  return Object.fromEntries([...standings.values()].map((s) => [s.purpose, s.allowed]));
}

/**
 * Whether the visitor allows a purpose now. False until the server has said so.
 * @param {string} purpose
 */
export function allows(purpose) {
  return standings.get(purpose)?.allowed === true;
}

/**
 * Gives the visitor's answer to the server. Who only refuses stays nobody: no session is made.
 * @param {Record<string, boolean>} wanted For each purpose: true allows it.
 * @param {{method?: string}} [how] How the visitor said so, in words, for the record.
 */
export async function choose(wanted, { method } = {}) {
  const { purposes, language } = await loadNotice();
  const shown = purposes.filter((p) => p.id in wanted);
  /** @type {Standings} */
  const said = await call(server, "POST", "choices", {
    session: remembered.session,
    body: { choices: wanted, notices: Object.fromEntries(shown.map((p) => [p.id, p.notice])), language, ...(method ? { method } : {}), gpc: hasGpc() },
  });
  const session = said.session ?? remembered.session;
  const refused = shown.filter((p) => !wanted[p.id]).map((p) => [p.id, p.askAgain ? Date.parse(p.askAgain) : null]);
  keep(session ? { session } : { refused: { ...remembered.refused, ...Object.fromEntries(refused) } });
  learn(said.choices, true);
}

/**
 * Calls a function with the visitor's choices now, if they are known, and whenever they change.
 * @param {(choices: Record<string, boolean>) => void} tell
 * @returns {() => void} Stops it.
 */
export function onChange(tell) {
  listeners.add(tell);
  if (isConfirmed) tell(choices());
  return () => void listeners.delete(tell);
}

/**
 * Says who this visitor is. From now on the choices of their account count; a no given in this browser is carried to it where the account has no answer yet.
 * @param {string} token A signed token (JWT) of the business's own site.
 */
export async function identify(token) {
  const before = remembered;
  const no = [...standings.values()].filter((s) => s.state === "refused" || s.state === "objected").map((s) => s.purpose).concat(Object.keys(before.refused ?? {}));
  const { session } = await call(server, "POST", "session", { body: { token } });
  await queue.flush();
  keep({ session });
  if (before.session && before.session !== session) await call(server, "DELETE", "session", { session: before.session }).catch(() => {});
  await refresh();
  const open = no.filter((p) => standings.get(p)?.state === "none");
  if (open.length > 0) await choose(Object.fromEntries(open.map((p) => [p, false])), { method: "carried over from this browser" });
}

/**
 * Sends one record of what the visitor does, if they allow it; otherwise it is dropped here.
 * @param {string} dataPoint A history of the catalog that names, with `collectedWith`, the purpose it is collected with.
 * @param {unknown} data Any JSON value, up to 16 KB.
 * @param {{id?: string}} [more] An id of your own: a second event of the same id is stored once.
 * @returns {boolean} Whether it was taken.
 */
export function track(dataPoint, data, { id } = {}) {
  const isTaken = isConfirmed ? mayCollect(dataPoint) : !!remembered.session;
  if (isTaken) queue.add(dataPoint, data, id);
  return isTaken;
}

/**
 * Asks whether it is time to ask this visitor how they see the business: at most once a quarter, over all ways of asking, and only while they allow it.
 * Show the link quietly, or not at all: it is said this once, works once and for 30 days. Visitors without a session are not asked.
 * @returns {Promise<string | null>} Address of the questions; null: not now.
 */
export async function survey() {
  if (!hasStarted("survey")) return null;
  await started;
  if (!remembered.session) return null;
  return (await call(server, "POST", "survey", { session: remembered.session }).catch(unlessBug))?.link ?? null;
}

/** Opens the choices, for a link on any page. */
export async function settings() {
  hasStarted("settings");
  await started;
  await openSettings();
}

/**
 * Tells whoever builds the page that a call came too early: without `init` it is not known who is here, nor which server to ask.
 * @param {string} what Name of the function that was called.
 */
function hasStarted(what) {
  if (!started) globalThis.console?.warn(`candor.${what}() was called before candor.init(): call init() first, once a page, so that the server and the visitor are known.`);
  return started !== null;
}

/** Ends this visitor's session, for signing out, and forgets what this browser remembers. */
export async function forget() {
  const { session } = remembered;
  keep({});
  learn([], true);
  if (session) await call(server, "DELETE", "session", { session }).catch(() => {});
}

/** `context` of a Segment event. */
export function segmentContext() {
  return others.segment(standings.values());
}

/** `context` of a RudderStack event. */
export function rudderStackContext() {
  return others.rudderStack(standings.values());
}

/** @param {string} path */
const address = (path) => `${server.replace(/\/$/, "")}/${path}`;

/** What the notice needs of the visit. */
const visit = { init, address, choose, settings, loadNotice, hasGpc, standings: () => standings, remembered: () => remembered };

/** @typedef {typeof visit} Visit */

defineElements(visit);
