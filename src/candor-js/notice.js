import { Refused } from "./server.js";
import { look } from "./style.js";

/**
 * The notice: a strip that asks, with yes and no side by side, and a dialog with one switch a purpose. Made of nodes, never of markup, so that trusted
 * types and a strict policy stay as they are.
 *
 * @typedef {import("./server.js").Notice} Notice
 * @typedef {import("./server.js").NoticePurpose} NoticePurpose
 * @typedef {import("./candor.js").Visit} Visit
 */

/** @type {Visit} */
let visit;

// On a server that renders pages there is no HTMLElement; the module can be imported there all the same.
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} inside
 * @returns {HTMLElementTagNameMap[T]}
 */
function node(tag, attributes, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

/** @param {string} text @param {() => void} pressed @param {string} [kind] */
function button(text, pressed, kind = "") {
  const made = node("button", { type: "button", ...(kind ? { class: kind } : {}) }, text);
  made.addEventListener("click", () => {
    if (made.getAttribute("aria-disabled") !== "true") pressed();
  });
  return made;
}

/** The lines of a notice's section: paragraphs, and lists where they begin with a dash. Its heading stands elsewhere. @param {string} text */
function lines(text) {
  /** @type {HTMLElement[]} */
  const made = [];
  for (const line of text.split("\n").filter((l) => l && !l.startsWith("#"))) {
    if (!line.startsWith("- ")) made.push(node("p", {}, line));
    else if (made.at(-1)?.tagName === "UL") made.at(-1)?.append(node("li", {}, line.slice(2)));
    else made.push(node("ul", {}, node("li", {}, line.slice(2))));
  }
  return made;
}

class CandorNotice extends Base {
  #root = this.attachShadow({ mode: "open" });
  #said = node("p", { class: "said", role: "status" });
  #strip = node("section", { class: "banner", hidden: "" });
  #dialog = node("dialog", { "aria-labelledby": "dialog-title" });
  /** @type {Element | null} */
  #before = null;

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [look()];
    this.#root.append(this.#strip, this.#dialog, this.#said);
    this.#strip.addEventListener("keydown", (e) => {
      if (e.key === "Escape") this.hide();
    });
    this.#dialog.addEventListener("keydown", (e) => this.#keepInside(e));
    this.#dialog.addEventListener("close", () => this.#giveBackFocus());
  }

  connectedCallback() {
    if (this.hasAttribute("start")) {
      void visit.init({ ...(this.lang ? { language: this.lang } : {}), ...(this.getAttribute("server") ? { server: this.getAttribute("server") ?? "" } : {}) });
    }
  }

  /** Shows the strip. It takes no focus away: the page can be used without an answer, and nothing is collected meanwhile. */
  async ask() {
    const notice = await visit.loadNotice();
    const { texts } = notice;
    const asked = notice.purposes.filter((p) => p.basis === "consent");
    this.#strip.replaceChildren(
      node("div", { class: "inner", lang: notice.language },
        node("h2", { id: "strip-title" }, texts.title),
        node("p", {}, texts.intro),
        this.#honoured(notice),
        node("ul", {}, ...asked.map((p) => node("li", {}, node("strong", {}, p.label), ` – ${p.why}`))),
        node("p", { class: "wrong", role: "alert" }),
        node("div", { class: "actions" },
          button(texts["refuse-all"], () => void this.#answer(notice, this.#all(notice, false), texts["refuse-all"])),
          button(texts["allow-all"], () => void this.#answer(notice, this.#all(notice, true), texts["allow-all"])),
          button(texts.choose, () => void this.open(), "other"))));
    this.#strip.setAttribute("aria-labelledby", "strip-title");
    this.#strip.hidden = false;
    this.#makeRoom(this.#strip.offsetHeight);
  }

  /** Opens the dialog. */
  async open() {
    if (this.#dialog.open) return;
    this.#before = deepestActive();
    const notice = await visit.loadNotice();
    this.#fill(notice);
    this.#dialog.showModal();
    this.#dialog.querySelector("h2")?.focus();
  }

  /** Takes the strip away. No answer is given with it; the next page asks again. */
  hide() {
    const hadFocus = this.#strip.contains(this.#root.activeElement);
    this.#strip.hidden = true;
    this.#makeRoom(0);
    if (hadFocus) this.#giveBackFocus();
  }

  /** @param {Notice} notice */
  #fill(notice) {
    const { texts } = notice;
    const switches = notice.purposes.map((p) => ({ purpose: p, input: this.#switch(p) }));
    const wanted = () => Object.fromEntries(switches.map((s) => [s.purpose.id, s.input.checked]));
    this.#dialog.replaceChildren(
      node("div", { class: "inner", lang: notice.language },
        node("div", { class: "row" },
          node("h2", { id: "dialog-title", tabindex: "-1" }, texts.title),
          this.#closer(texts.close)),
        node("p", {}, texts["dialog.intro"]),
        this.#honoured(notice),
        node("ul", { class: "purposes" }, ...switches.map((s) => this.#purpose(notice, s.purpose, s.input))),
        node("p", {}, node("a", { href: visit.address(`notice?language=${notice.language}`), target: "_blank", rel: "noopener" }, texts.notice)),
        node("p", { class: "wrong", role: "alert" }),
        node("div", { class: "actions" },
          button(texts["refuse-all"], () => void this.#answer(notice, this.#all(notice, false), texts["refuse-all"])),
          button(texts["allow-all"], () => void this.#answer(notice, this.#all(notice, true), texts["allow-all"])),
          button(texts.save, () => void this.#answer(notice, wanted(), texts.save)))));
  }

  /** @param {Notice} notice @param {NoticePurpose} purpose @param {HTMLInputElement} input */
  #purpose(notice, purpose, input) {
    const { texts } = notice;
    const more = [];
    if (this.#isSignalled(notice, purpose) && !input.checked) more.push(node("p", {}, node("span", { class: "tag" }, texts.gpc)));
    if (purpose.ifOff) more.push(node("p", {}, `${texts["if-off"]} ${purpose.ifOff}`));
    return node("li", { class: "purpose" },
      node("div", { class: "row" }, node("label", { for: input.id }, purpose.label), input),
      node("p", { id: `${input.id}-why` }, purpose.why),
      ...more,
      node("details", {}, node("summary", {}, texts.details, node("span", { class: "said" }, ` – ${purpose.label}`)), ...lines(purpose.text)));
  }

  /** A switch stands where the visitor stands; what was never said is off where a yes is needed. @param {NoticePurpose} purpose */
  #switch(purpose) {
    const id = `purpose-${purpose.id}`;
    const input = node("input", { type: "checkbox", role: "switch", id, "aria-describedby": `${id}-why` });
    const standing = visit.standings().get(purpose.id);
    input.checked = standing ? standing.allowed : purpose.basis !== "consent" && !(purpose.id in (visit.remembered().refused ?? {})) && !(purpose.shared && visit.hasGpc());
    return input;
  }

  /** @param {string} label */
  #closer(label) {
    const made = button("×", () => this.#dialog.close(), "close");
    made.setAttribute("aria-label", label);
    return made;
  }

  /** @param {Notice} notice @param {NoticePurpose} purpose */
  #isSignalled(notice, purpose) {
    return purpose.shared && (notice.gpc || visit.hasGpc());
  }

  /** @param {Notice} notice */
  #honoured(notice) {
    return notice.gpc || visit.hasGpc() ? node("p", { class: "honoured" }, node("strong", {}, notice.texts.gpc), ". ", notice.texts["gpc.why"]) : "";
  }

  /**
   * One answer for all. "Allow all" does not reach what the browser's own signal is against: that takes a switch of its own.
   * @param {Notice} notice
   * @param {boolean} wanted
   */
  #all(notice, wanted) {
    return Object.fromEntries(notice.purposes.map((p) => [p.id, wanted && (!this.#isSignalled(notice, p) || visit.standings().get(p.id)?.allowed === true)]));
  }

  /** @param {Notice} notice @param {Record<string, boolean>} wanted @param {string} pressed */
  async #answer(notice, wanted, pressed) {
    this.#setBusy(true);
    try {
      await visit.choose(wanted, { method: `"${pressed}" in the notice on the website` });
      this.#say("");
      if (this.#dialog.open) this.#dialog.close();
      this.hide();
      this.#said.textContent = notice.texts.saved;
    } catch (e) {
      if (!(e instanceof Refused)) throw e;
      const isOld = e.type === "urn:candor:consent/old-notice";
      if (isOld) {
        const fresh = await visit.loadNotice(true).catch(() => notice);
        if (this.#dialog.open) this.#fill(fresh);
        else await this.ask();
      }
      this.#say(isOld ? notice.texts.changed : notice.texts.failed);
    } finally {
      this.#setBusy(false);
    }
  }

  /** @param {string} what */
  #say(what) {
    for (const place of this.#root.querySelectorAll(".wrong")) place.textContent = what;
  }

  /** @param {boolean} isBusy */
  #setBusy(isBusy) {
    for (const b of this.#root.querySelectorAll(".actions button")) b.setAttribute("aria-disabled", String(isBusy));
  }

  /** Keeps what the page focuses clear of the strip, and its end in reach. @param {number} height Pixels. */
  #makeRoom(height) {
    const room = height > 0 ? `${height}px` : "";
    document.documentElement.style.scrollPaddingBottom = room;
    document.body.style.paddingBottom = room;
  }

  /** The tab key goes round inside the dialog. @param {KeyboardEvent} e */
  #keepInside(e) {
    if (e.key !== "Tab") return;
    const stops = [...this.#dialog.querySelectorAll("button, input, summary, a[href]")].filter((s) => s.checkVisibility());
    const [first, last] = [stops[0], stops.at(-1)];
    const at = this.#root.activeElement;
    const leaves = e.shiftKey ? at === first || at?.tagName === "H2" : at === last;
    if (leaves) {
      e.preventDefault();
      /** @type {HTMLElement | undefined} */ (e.shiftKey ? last : first)?.focus();
    }
  }

  /** Back to where the visitor was; to the settings link when that place is gone. */
  #giveBackFocus() {
    const places = [this.#before, document.querySelector("[data-candor-settings], candor-settings")];
    const place = /** @type {HTMLElement | undefined} */ (places.find((p) => p instanceof HTMLElement && p.isConnected && p !== document.body && p.checkVisibility()));
    place?.focus();
    this.#before = null;
  }
}

/** A link to the choices, for any page: `<candor-settings>Privacy settings</candor-settings>`. */
class CandorSettings extends Base {
  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [look()];
    root.append(node("button", { type: "button", class: "link" }, node("slot", {}, "Privacy settings")));
    this.addEventListener("click", () => void visit.settings());
  }
}

function deepestActive() {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at;
}

/** @returns {CandorNotice} */
function element() {
  let found = document.querySelector("candor-notice");
  if (!found) {
    found = document.createElement("candor-notice");
    document.body.append(found);
  }
  return /** @type {CandorNotice} */ (found);
}

export async function showNotice() {
  if (globalThis.document) await element().ask();
}

export function hideNotice() {
  /** @type {CandorNotice | null | undefined} */ (globalThis.document?.querySelector("candor-notice"))?.hide();
}

export async function openSettings() {
  if (globalThis.document) await element().open();
}

/** @param {Visit} with_ */
export function defineElements(with_) {
  visit = with_;
  if (!globalThis.customElements || customElements.get("candor-notice")) return;
  customElements.define("candor-notice", CandorNotice);
  customElements.define("candor-settings", CandorSettings);
  document.addEventListener("click", (e) => {
    const link = e.composedPath().find((n) => n instanceof Element && n.hasAttribute("data-candor-settings"));
    if (link) {
      e.preventDefault();
      // Without the server there is nothing to show; a link then leads where it points.
      visit.settings().catch(() => link instanceof HTMLAnchorElement && location.assign(link.href));
    }
  });
}
