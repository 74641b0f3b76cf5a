import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { standing } from "./browser.js";
import { googleConsent, googleTypes, gtag, rudderStack, segment } from "../../src/candor-js/others.js";

const tips = (/** @type {object} */ more) => /** @type {any} */ (standing("tips", { dpvPurpose: "ProvideProductRecommendations", ...more }));

test("before a choice all seven types of Google Consent Mode v2 are denied, security alone excepted", () => {
  const state = googleConsent([]);
  assert.deepEqual(Object.keys(state), [...googleTypes]);
  assert.equal(googleTypes.length, 7);
  for (const type of googleTypes) assert.equal(state[type], type === "security_storage" ? "granted" : "denied", type);
});

test("a yes grants what the purpose stands for and no more", () => {
  const state = googleConsent([tips({ allowed: true })]);
  assert.deepEqual(googleTypes.filter((t) => state[t] === "granted"), ["personalization_storage", "security_storage"]);
  const newsletter = googleConsent([/** @type {any} */ (standing("letters", { dpvPurpose: "DirectMarketing", allowed: true }))]);
  assert.deepEqual(googleTypes.filter((t) => newsletter[t] === "granted"), ["security_storage"]);
});

test("a type that two purposes stand for needs both, and a use without consent grants nothing", () => {
  assert.equal(googleConsent([tips({ allowed: true }), tips({ purpose: "needs" })]).personalization_storage, "denied");
  assert.equal(googleConsent([tips({}), tips({ purpose: "needs", allowed: true })]).personalization_storage, "denied");
  assert.equal(googleConsent([tips({ allowed: true, basis: "legitimate-interest" })]).personalization_storage, "denied");
});

test("the page's own mapping goes before the usual one", () => {
  const state = googleConsent([tips({ allowed: true })], { tips: ["ad_storage", "ad_user_data", "ad_personalization"] });
  assert.deepEqual(googleTypes.filter((t) => state[t] === "granted"), ["ad_storage", "ad_user_data", "ad_personalization", "security_storage"]);
  assert.equal(googleConsent([tips({})], { tips: ["security_storage"] }).security_storage, "denied");
});

test("gtag puts the arguments object itself on the data layer, as Google's snippet does", () => {
  const here = /** @type {any} */ (globalThis);
  here.dataLayer = undefined;
  gtag("consent", "update", { ad_storage: "denied" });
  assert.equal(Object.prototype.toString.call(here.dataLayer[0]), "[object Arguments]");
  assert.deepEqual([...here.dataLayer[0]].slice(0, 2), ["consent", "update"]);
});

test("the classic script for the head denies the same before anything is loaded", () => {
  const here = /** @type {any} */ (globalThis);
  here.dataLayer = undefined;
  new Function(readFileSync(new URL("../../src/candor-js/google-default.js", import.meta.url), "utf8"))();
  const [command, what, state] = [...here.dataLayer[0]];
  assert.deepEqual([command, what], ["consent", "default"]);
  assert.deepEqual(state, { ...googleConsent([]), wait_for_update: 500 });
});

test("Segment and RudderStack get the purposes as their categories", () => {
  const standings = [tips({ allowed: true }), tips({ purpose: "needs" })];
  assert.deepEqual(segment(standings), { consent: { categoryPreferences: { tips: true, needs: false } } });
  assert.deepEqual(rudderStack(standings), { consentManagement: { provider: "custom", resolutionStrategy: "and", allowedConsentIds: ["tips"], deniedConsentIds: ["needs"] } });
});
