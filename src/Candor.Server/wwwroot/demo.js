// What a shop writes to use candor.js: say who is signed in, ask for choices, and tell of what the visitor allows.
import * as candor from "/candor.js";

const answer = await fetch("/demo/token", { method: "POST" });
const token = answer.status === 200 ? (await answer.json()).token : undefined;
await candor.init({ token });

const product = document.querySelector("[data-product]");
if (product) candor.track("pageViews", { product: product.dataset.product });

// A cart keeps its number until it is bought or emptied, and each change of it is told once. Who comes back to it later needs no reminder, and it is told that they did.
const soon = 10_000;
const { cart: contents, items } = document.querySelector("[data-cart]").dataset;
if (candor.allows("cart-reminders")) {
  const known = JSON.parse(localStorage.getItem("cart") ?? "null");
  const cart = known?.cart ?? crypto.randomUUID();
  if (contents && contents !== known?.contents) {
    localStorage.setItem("cart", JSON.stringify({ cart, contents, since: Date.now() }));
    candor.track("carts", { cart, items: JSON.parse(items) });
  } else if (contents && location.pathname === "/demo/cart" && Date.now() - known.since > soon) {
    candor.track("carts", { cart, state: "opened" });
  } else if (!contents && known) {
    localStorage.removeItem("cart");
    if (!document.querySelector("[data-bought]")) candor.track("carts", { cart, state: "empty" });
  }
} else {
  localStorage.removeItem("cart");
}

for (const form of document.querySelectorAll("form[data-sign-out]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    localStorage.removeItem("cart");
    await candor.forget();
    form.submit();
  });
}
