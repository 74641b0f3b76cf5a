import assert from "node:assert/strict";
import test from "node:test";
import { Server, wait } from "./browser.js";
import { Queue, newId } from "../../src/candor-js/queue.js";

const where = () => ({ server: "https://privacy.example", session: "cdw_s" });

test("an id is 128 random bits", () => {
  const ids = new Set(Array.from({ length: 1000 }, newId));
  assert.equal(ids.size, 1000);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
});

test("what is lost is sent again with the same id, and not for ever", async () => {
  const there = new Server();
  const queue = new Queue(where, () => true, () => {});
  queue.add("pageViews", { n: 1 });
  for (let i = 0; i < 8; i++) await queue.flush();
  const sent = there.to("POST events").map((c) => c.body.events[0].id);
  assert.equal(sent.length, 5);
  assert.equal(new Set(sent).size, 1);
  assert.equal(queue.length, 0);
});

test("what the server refuses stays away, and a refused session is told", async () => {
  const there = new Server();
  let told = 0;
  const queue = new Queue(where, () => true, () => told++);
  there.answers["POST events"] = { status: 400 };
  queue.add("pageViews", 1);
  await queue.flush();
  assert.equal(queue.length, 0);
  there.answers["POST events"] = { status: 403 };
  queue.add("pageViews", 2);
  await queue.flush();
  assert.equal(told, 1);
  there.answers["POST events"] = { notNeeded: 1 };
  queue.add("pageViews", 3);
  await queue.flush();
  assert.equal(told, 2);
});

test("what is not allowed when it is sent is dropped", async () => {
  const there = new Server();
  there.answers["POST events"] = { notNeeded: 0 };
  let allowed = true;
  const queue = new Queue(where, () => allowed, () => {});
  queue.add("pageViews", 1);
  allowed = false;
  await queue.flush();
  assert.equal(there.calls.length, 0);
  assert.equal(queue.length, 0);
});

test("requests stay small: 200 events wait at most, 50 go at once, and what never fits is dropped", async () => {
  const there = new Server();
  there.answers["POST events"] = { notNeeded: 0 };
  const queue = new Queue(where, () => true, () => {});
  for (let i = 0; i < 250; i++) queue.add("pageViews", i);
  queue.add("pageViews", "x".repeat(60_000));
  assert.equal(queue.length, 200);
  while (queue.length > 0) await queue.flush();
  const batches = there.to("POST events").map((c) => c.body.events.length);
  assert.equal(batches.reduce((a, b) => a + b), 199);
  assert.ok(Math.max(...batches) <= 50);
  for (const call of there.calls) assert.ok(JSON.stringify(call.body).length < 64_000);
});

test("when the page goes away the rest is sent with what outlives it, and ages are told instead of times", async () => {
  const there = new Server();
  there.answers["POST events"] = { notNeeded: 0 };
  const queue = new Queue(where, () => true, () => {});
  queue.add("pageViews", 1);
  await wait(30);
  await queue.flush(true);
  const [{ keepalive, body }] = there.calls;
  assert.equal(keepalive, true);
  assert.ok(body.events[0].age >= 25 && body.events[0].age < 5_000, `${body.events[0].age}`);
});
