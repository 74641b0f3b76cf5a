import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";
import { Server, gpc, page, purpose, standing, storage, wait } from "./browser.js";

const server = "https://privacy.example";
/** @type {Server} */
let there;
/** @type {Map<string, string>} */
let kept;

beforeEach(() => {
  there = new Server();
  kept = storage();
  gpc(false);
  there.answers["GET notice"] = { language: "en", gpc: false, texts: {}, purposes: [purpose("tips", { collects: ["pageViews"] }), purpose("letters", { askAgain: "2999-01-01T00:00:00Z" })] };
});

/** A visitor who allowed tips before. */
function known() {
  kept.set("candor", JSON.stringify({ session: "cdw_known" }));
  there.answers["GET choices"] = { gpc: false, choices: [standing("tips", { state: "given", allowed: true, ask: false, collects: ["pageViews"] }), standing("letters", { state: "refused", ask: false })] };
}

test("before a choice nothing is kept and nothing but the notice is asked for", async () => {
  const candor = await page();
  await candor.init({ server, language: "en" });
  assert.equal(candor.track("pageViews", { page: "/" }), false);
  assert.equal(candor.allows("tips"), false);
  assert.deepEqual(there.calls.map((c) => `${c.method} ${c.path}`), ["GET notice"]);
  assert.equal(kept.size, 0);
});

test("a yes makes a session that is kept, with the notices that were shown", async () => {
  there.answers["POST choices"] = { session: "cdw_new", gpc: false, choices: [standing("tips", { state: "given", allowed: true, ask: false, collects: ["pageViews"] })] };
  const candor = await page();
  await candor.init({ server });
  /** @type {Record<string, boolean>[]} */
  const seen = [];
  candor.onChange((c) => seen.push(c));
  await candor.choose({ tips: true, letters: false }, { method: "a test" });
  const [sent] = there.to("POST choices");
  assert.deepEqual(sent.body, { choices: { tips: true, letters: false }, notices: { tips: "hash-of-tips", letters: "hash-of-letters" }, language: "en", method: "a test", gpc: false });
  assert.equal(sent.session, null);
  assert.equal(JSON.parse(kept.get("candor") ?? "").session, "cdw_new");
  assert.equal(candor.allows("tips"), true);
  await candor.choose({ tips: true });
  assert.deepEqual(seen, [{}, { tips: true }]);
});

test("who refuses all is remembered without a session and not asked again", async () => {
  there.answers["POST choices"] = { gpc: false, choices: [] };
  const candor = await page();
  await candor.init({ server });
  await candor.choose({ tips: false, letters: false });
  const { session, refused } = JSON.parse(kept.get("candor") ?? "");
  assert.equal(session, undefined);
  assert.deepEqual(refused, { tips: null, letters: Date.parse("2999-01-01T00:00:00Z") });
  assert.equal(candor.track("pageViews", {}), false);
});

test("the server is asked on every page, and its no wins over what was kept", async () => {
  known();
  there.answers["GET choices"].choices[0].allowed = false;
  const candor = await page();
  const ready = candor.init({ server });
  assert.equal(candor.allows("tips"), false);
  assert.equal(candor.track("pageViews", { page: "/early" }), true);
  await ready;
  assert.equal(candor.allows("tips"), false);
  await wait(20);
  assert.equal(there.to("POST events").length, 0);
});

test("without the server nothing is allowed", async () => {
  known();
  delete there.answers["GET choices"];
  const candor = await page();
  await candor.init({ server });
  assert.equal(candor.allows("tips"), false);
  assert.equal(JSON.parse(kept.get("candor") ?? "").session, "cdw_known");
});

for (const status of [401, 403]) {
  test(`a session that is over (${status}) is forgotten`, async () => {
    known();
    there.answers["GET choices"] = { status };
    const candor = await page();
    await candor.init({ server });
    assert.equal(kept.size, 0);
    assert.equal(candor.allows("tips"), false);
  });
}

test("what was done before the answer came is sent once it is allowed", async () => {
  known();
  const candor = await page();
  const ready = candor.init({ server });
  candor.track("pageViews", { page: "/early" }, { id: "own-id" });
  candor.track("carts", { items: 1 });
  there.answers["POST events"] = { stored: 1, notNeeded: 0 };
  await ready;
  await wait(20);
  const [sent] = there.to("POST events");
  assert.equal(sent.session, "cdw_known");
  assert.deepEqual(sent.body.events.map((/** @type {any} */ e) => [e.dataPoint, e.id]), [["pageViews", "own-id"]]);
});

test("a withdrawal empties what waits", async () => {
  known();
  const candor = await page();
  await candor.init({ server });
  candor.track("pageViews", { page: "/a" });
  there.answers["POST choices"] = { gpc: false, choices: [standing("tips", { state: "withdrawn" })] };
  await candor.choose({ tips: false });
  await wait(2_200);
  assert.equal(there.to("POST events").length, 0);
});

test("Global Privacy Control is told to the server, from scripts too", async () => {
  gpc(true);
  known();
  let asked = "";
  const fetched = globalThis.fetch;
  globalThis.fetch = /** @type {any} */ ((/** @type {string} */ url, /** @type {any} */ how) => ((asked = url), fetched(url, how)));
  const candor = await page();
  await candor.init({ server });
  assert.equal(candor.hasGpc(), true);
  assert.match(asked, /gpc=true/);
});

test("signing in replaces the visitor, and carries over a no where the account has no answer", async () => {
  there.answers["POST choices"] = (/** @type {any} */ call) => (call.session ? { gpc: false, choices: [standing("letters", { state: "refused", ask: false })] } : { gpc: false, choices: [] });
  there.answers["POST session"] = { session: "cdw_account" };
  there.answers["GET choices"] = { gpc: false, choices: [standing("tips", { state: "given", allowed: true, ask: false }), standing("letters")] };
  const candor = await page();
  await candor.init({ server });
  await candor.choose({ tips: false, letters: false });
  await candor.identify("a.b.c");
  assert.deepEqual(there.to("POST session")[0].body, { token: "a.b.c" });
  assert.deepEqual(there.to("POST choices")[1].body.choices, { letters: false });
  assert.deepEqual(JSON.parse(kept.get("candor") ?? "").session, "cdw_account");
});

test("what one visitor waited to send is never sent for the next", async () => {
  known();
  there.answers["DELETE session"] = { status: 204 };
  there.answers["POST choices"] = { session: "cdw_next", gpc: false, choices: [standing("tips", { state: "given", allowed: true, ask: false, collects: ["pageViews"] })] };
  there.answers["POST events"] = { notNeeded: 0 };
  const candor = await page();
  await candor.init({ server });
  candor.track("pageViews", { of: "the first" });
  await candor.forget();
  await candor.choose({ tips: true });
  candor.track("pageViews", { of: "the next" });
  await wait(2_200);
  assert.deepEqual(there.to("POST events").map((c) => [c.session, c.body.events.map((/** @type {any} */ e) => e.data.of)]), [["cdw_next", ["the next"]]]);
});

test("a token that is not believed leaves the visitor who they were", async () => {
  known();
  there.answers["POST session"] = { status: 403, type: "urn:candor:sign-in/bad-token" };
  const candor = await page();
  await candor.init({ server, token: "a.b.c" });
  assert.equal(candor.allows("tips"), true);
  assert.equal(JSON.parse(kept.get("candor") ?? "").session, "cdw_known");
});

test("forgetting ends the session here and there", async () => {
  known();
  there.answers["DELETE session"] = { status: 204 };
  const candor = await page();
  await candor.init({ server });
  await candor.forget();
  assert.equal(kept.size, 0);
  assert.equal(there.to("DELETE session")[0].session, "cdw_known");
  assert.deepEqual(candor.choices(), {});
});

test("a broken or forbidden storage is no obstacle", async () => {
  kept.set("candor", "{broken");
  await (await page()).init({ server });
  Object.defineProperty(globalThis, "localStorage", { configurable: true, get: () => { throw new Error("SecurityError"); } });
  const candor = await page();
  await candor.init({ server });
  assert.equal(candor.allows("tips"), false);
});

test("a visitor with a session may be asked how they see the business, and gets a link", async () => {
  known();
  there.answers["POST survey"] = { link: "https://privacy.example/survey/one" };
  const candor = await page();
  await candor.init({ server });
  assert.equal(await candor.survey(), "https://privacy.example/survey/one");
  there.answers["POST survey"] = { link: null };
  assert.equal(await candor.survey(), null);
  assert.deepEqual(there.to("POST survey").map((c) => c.session), ["cdw_known", "cdw_known"]);
});

test("nobody is asked without a session, and a server that is away is no mistake of the page", async () => {
  const candor = await page();
  await candor.init({ server });
  assert.equal(await candor.survey(), null);
  assert.equal(there.to("POST survey").length, 0);
  known();
  const other = await page();
  await other.init({ server });
  assert.equal(await other.survey(), null);
});

test("what is called before init says so to whoever builds the page, and after it nothing", async () => {
  known();
  there.answers["POST survey"] = { link: null };
  const candor = await page();
  /** @type {string[]} */
  const said = [];
  const { warn } = console;
  console.warn = (text) => void said.push(text);
  try {
    assert.equal(await candor.survey(), null);
    await candor.settings().catch(() => {});
    assert.equal(said.length, 2);
    assert.match(said[0] ?? "", /candor\.survey\(\) was called before candor\.init\(\)/);
    assert.match(said[1] ?? "", /candor\.settings\(\) was called before candor\.init\(\)/);
    assert.deepEqual(there.to("POST survey"), []);
    await candor.init({ server });
    assert.equal(await candor.survey(), null);
    assert.equal(there.to("POST survey").length, 1);
    assert.equal(said.length, 2);
  } finally {
    console.warn = warn;
  }
});
