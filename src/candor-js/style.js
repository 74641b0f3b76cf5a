/** The look of the notice. A page may set the properties `--candor-brand`, `--candor-brand-ink`, `--candor-ground`, `--candor-ink` and `--candor-font`. */
const css = `
:host {
  --ground: var(--candor-ground, #fff); --ink: var(--candor-ink, #1e2320); --quiet: #58615b; --line: #8b938e;
  --brand: var(--candor-brand, #1f6f5c); --brand-ink: var(--candor-brand-ink, #fff); --soft: #e2f0ea; --off: #6a706c;
}
@media (prefers-color-scheme: dark) {
  :host {
    --ground: var(--candor-ground, #1f2522); --ink: var(--candor-ink, #edf1ee); --quiet: #a9b4ad; --line: #7d8882;
    --brand: var(--candor-brand, #6fcfb2); --brand-ink: var(--candor-brand-ink, #0c1b16); --soft: #203b33; --off: #8f9892;
  }
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.banner, dialog { font: 1rem/1.5 var(--candor-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif); color: var(--ink); background: var(--ground); }
.banner {
  position: fixed; inset: auto 0 0; z-index: 2147483000; max-height: 70vh; overflow: auto; padding: 1rem 1rem 0; scroll-padding-bottom: 8rem;
  border-top: 1px solid var(--line); box-shadow: 0 -4px 24px rgb(0 0 0 / .18);
}
.inner { max-width: 60rem; margin: 0 auto; }
dialog {
  width: min(42rem, calc(100vw - 1.5rem)); max-height: calc(100vh - 1.5rem); padding: 0; overflow: auto; scroll-padding-bottom: 8rem;
  border: 1px solid var(--line); border-radius: .8rem;
}
dialog::backdrop { background: rgb(0 0 0 / .55); }
dialog .inner { padding: 1.2rem 1.2rem 0; }
h2 { margin: 0 0 .5rem; font-size: 1.25rem; line-height: 1.25; }
h3 { margin: 0; font-size: 1.02rem; }
p { margin: 0 0 .6rem; }
ul { margin: 0 0 .6rem; padding-left: 1.2rem; }
.purposes { list-style: none; padding: 0; margin: 1rem 0; }
.purpose { padding: .9rem 0; border-top: 1px solid var(--line); }
.purpose p, .quiet { color: var(--quiet); font-size: .95rem; }
.row { display: flex; gap: 1rem; align-items: center; justify-content: space-between; }
label { font-weight: 600; cursor: pointer; }
input[role=switch] {
  appearance: none; flex: none; position: relative; width: 3.4rem; height: 2rem; margin: 0; border: 2px solid var(--off); border-radius: 2rem; background: transparent; cursor: pointer;
}
input[role=switch]::before { content: ""; position: absolute; inset: .2rem auto auto .2rem; width: 1.35rem; height: 1.35rem; border-radius: 50%; background: var(--off); }
input[role=switch]:checked { background: var(--brand); border-color: var(--brand); }
input[role=switch]:checked::before { inset: .2rem .2rem auto auto; background: var(--brand-ink); }
summary { padding: .3rem 0; cursor: pointer; color: var(--ink); text-decoration: underline; text-underline-offset: .15em; }
.honoured { padding: .6rem .8rem; border-left: 4px solid var(--brand); border-radius: .4rem; background: var(--soft); color: var(--ink); }
.tag { display: inline-block; padding: .1rem .7rem; border-radius: 2rem; background: var(--soft); color: var(--ink); font-size: .9rem; }
.actions { position: sticky; bottom: 0; display: flex; flex-wrap: wrap; gap: .6rem; padding: .7rem 0 1rem; background: var(--ground); }
.actions button {
  flex: 1 1 9rem; min-height: 44px; padding: .55rem 1rem; border: 2px solid var(--brand); border-radius: .6rem; background: var(--brand); color: var(--brand-ink); font: inherit; font-weight: 600; cursor: pointer;
}
.actions button.other { background: transparent; color: var(--ink); }
.close { flex: none; width: 44px; height: 44px; border: 0; border-radius: .6rem; background: transparent; color: var(--ink); font: inherit; font-size: 1.4rem; line-height: 1; cursor: pointer; }
.link { padding: .4rem 0; border: 0; background: none; color: inherit; font: inherit; text-decoration: underline; text-underline-offset: .15em; cursor: pointer; }
a { color: var(--brand); text-underline-offset: .15em; }
button[aria-disabled=true] { opacity: .6; cursor: progress; }
:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px; }
h2:focus { outline: none; }
.wrong { color: var(--ink); font-weight: 600; border-left: 4px solid #c0392b; padding-left: .7rem; }
.wrong:empty { display: none; }
.said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: no-preference) {
  input[role=switch]::before { transition: inset .15s; }
  .banner { animation: rise .25s ease-out; }
  @keyframes rise { from { transform: translateY(30%); opacity: 0; } }
}
@media (forced-colors: active) { input[role=switch]::before { background: CanvasText; } }
`;

/** @type {CSSStyleSheet | null} */
let sheet = null;

/** One sheet for all elements; made by script, so that a policy of `style-src 'self'` does not stand in its way. */
export function look() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  return sheet;
}
