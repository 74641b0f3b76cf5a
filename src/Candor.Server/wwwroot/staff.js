// The clock of an incident goes on while the page is open. What stands there already is right without a script.
function tick() {
  for (const clock of document.querySelectorAll("[data-due]")) {
    const left = Date.parse(clock.dataset.due) - Date.now();
    const minutes = Math.floor(Math.abs(left) / 60000);
    const text = left > 0 ? clock.dataset.left : clock.dataset.over;
    clock.textContent = text.replace("{h}", Math.floor(minutes / 60)).replace("{m}", minutes % 60);
    clock.classList.toggle("no", left <= 0);
    clock.classList.toggle("wait", left > 0);
  }
}
setInterval(tick, 10000);

// Passkeys on the pages of staff. A form marked data-passkey asks the browser for one and then sends itself;
// without a script, the other ways on the page are left.
const able = "credentials" in navigator && window.PublicKeyCredential?.parseRequestOptionsFromJSON;
let waiting = new AbortController();

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const failed = form.querySelector("[data-failed]");
  if (!able) {
    failed.hidden = false;
    failed.textContent = form.dataset.unable;
    continue;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    waiting.abort();
    waiting = new AbortController();
    try {
      await answer(form, {});
    } catch (error) {
      failed.hidden = false;
      failed.textContent = form.dataset.wrong;
    }
  });
  if (form.dataset.offer && (await PublicKeyCredential.isConditionalMediationAvailable?.())) {
    // The browser offers a passkey in the field for the address; nothing is said when none is chosen.
    answer(form, { mediation: "conditional", signal: waiting.signal }).catch(() => {});
  }
}

async function answer(form, how) {
  const reply = await fetch(form.dataset.options, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (!reply.ok || reply.redirected) throw new Error(String(reply.status));
  const { step, options } = await reply.json();
  const isNew = form.dataset.passkey === "create";
  const publicKey = isNew ? PublicKeyCredential.parseCreationOptionsFromJSON(options) : PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials[isNew ? "create" : "get"]({ publicKey, ...how });
  form.elements.step.value = step;
  form.elements.credential.value = JSON.stringify(credential.toJSON());
  form.submit();
}
