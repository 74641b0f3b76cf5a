import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "node:test";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "..", "..", "src", "candor-js");
const scripts = readdirSync(source).filter((f) => f.endsWith(".js"));

/** @param {string[]} args */
const tsc = (...args) => spawnSync(process.execPath, [join(here, "node_modules", "typescript", "bin", "tsc"), ...args], { cwd: here, encoding: "utf8" });

test("the types in the comments are right", () => {
  const checked = tsc("-p", here);
  assert.equal(checked.status, 0, checked.stdout);
});

test("a wrong use of the interface is seen by its types", () => {
  const checked = tsc("-p", join(here, "wrong"));
  const lines = checked.stdout.split("\n").filter((l) => l.includes("error TS"));
  assert.equal(lines.length, 5, checked.stdout);
});

test("all of it is less than 15 KB, zipped", () => {
  const bytes = scripts.map((f) => gzipSync(readFileSync(join(source, f)), { level: 9 }).length).reduce((a, b) => a + b, 0);
  console.log(`# ${bytes} bytes in ${scripts.length} files`);
  assert.ok(bytes < 15 * 1024, `${bytes} bytes`);
});

test("no markup is made from text, no code from text, and nothing is fetched from elsewhere", () => {
  for (const file of scripts) {
    const text = readFileSync(join(source, file), "utf8");
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\("|https?:\/\//, file);
    for (const [, from] of text.matchAll(/\bfrom "([^"]+)"/g)) assert.match(from, /^\.\/[a-z]+\.js$/, file);
    assert.doesNotMatch(text, /document\.cookie|sessionStorage|indexedDB|sendBeacon/, file);
  }
});

test("the package needs nothing and no build", () => {
  const pack = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  assert.equal(pack.name, "@candor/web");
  assert.deepEqual([pack.dependencies, pack.devDependencies, pack.scripts], [undefined, undefined, undefined]);
});
