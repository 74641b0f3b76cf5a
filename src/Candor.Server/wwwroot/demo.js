// What a shop writes to use candor.js: say who is signed in, ask for choices, and tell of what the visitor allows.
import * as candor from "/candor.js";

const answer = await fetch("/demo/token", { method: "POST" });
const token = answer.status === 200 ? (await answer.json()).token : undefined;
await candor.init({ token });

const product = document.querySelector("[data-product]");
if (product) candor.track("pageViews", { product: product.dataset.product });

// The same cart is told once, however often its page is looked at.
const cart = document.querySelector("[data-cart]");
if (cart) candor.track("carts", { item: cart.dataset.item, total: Number(cart.dataset.total) }, { id: `cart-${cart.dataset.cart}` });

for (const form of document.querySelectorAll("form[data-sign-out]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await candor.forget();
    form.submit();
  });
}
