// data-module="contribute": the witness's own browser makes nonce and commitment (draw protocol, section 3) and keeps
// number and nonce until the reveal. H(T("witness") ‖ enc(plan_hash) ‖ enc(witness) ‖ enc(value) ‖ enc(nonce)), SHA-256.

const encoder = new TextEncoder();

export function hex(bytes) {
  return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
}

export function bytes(text) {
  return Uint8Array.from(text.match(/../g) || [], (pair) => Number.parseInt(pair, 16));
}

/** Length as four bytes, then the data, one part after another. */
function encoded(parts) {
  const whole = [];
  for (const part of parts) {
    const n = part.length;
    whole.push((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255, ...part);
  }
  return Uint8Array.from(whole);
}

export async function commitment(planHash, witness, value, nonce) {
  const message = encoded([
    encoder.encode("evenhand-draw/1/witness"),
    bytes(planHash),
    encoder.encode(witness),
    encoder.encode(value),
    bytes(nonce),
  ]);
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", message)));
}

/** 1 to 200 code points, no control characters, no lone surrogates. */
export function allowed(value) {
  const points = [...value];
  return points.length >= 1 && points.length <= 200 && !/\p{Cc}|\p{Cs}/u.test(value);
}

function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key) || "null");
  } catch {
    return null;
  }
}

export default function (element) {
  const { step, draw, planHash, witness } = element.dataset;
  const key = `contribution:${draw}:${witness}:${planHash}`;
  const form = element.querySelector("form");
  const fault = element.querySelector("[data-fault]");
  const say = (text) => { fault.textContent = text; };
  const own = kept(key);

  const slip = (selector, text) => {
    const place = element.querySelector(selector);
    if (place && text) place.textContent = text;
  };
  slip("[data-slip-value]", own?.value);
  slip("[data-slip-nonce]", own?.nonce);

  if (step === "reveal" && form) {
    const value = form.querySelector("[data-value]");
    const nonce = form.querySelector("[data-nonce]");
    if (own && !value.value) value.value = own.value;
    if (own && !nonce.value) nonce.value = own.nonce;
    if (!own) say(element.dataset.missing);
    return;
  }
  if (step === "done") localStorage.removeItem(key);
  if (step !== "commit" || !form) return;

  let ready = false;
  form.addEventListener("submit", async (event) => {
    if (ready) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const value = form.querySelector("[data-value]").value;
    if (!allowed(value)) return say(element.dataset.bad);
    if (!globalThis.crypto?.subtle) return say(element.dataset.unable);
    const nonce = own?.value === value ? own.nonce : hex(crypto.getRandomValues(new Uint8Array(16)));
    const digest = await commitment(planHash, witness, value, nonce);
    try {
      localStorage.setItem(key, JSON.stringify({ value, nonce, digest }));
    } catch {
      return say(element.dataset.unkept);
    }
    form.querySelector("[data-digest]").value = digest;
    ready = true;
    setTimeout(() => form.requestSubmit()); // while the event is still being handled, browsers ignore it
  }, { capture: true });
}
