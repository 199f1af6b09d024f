// data-module="security-key" data-mode="create|get" data-options="...": the form inside is sent with what the security
// key says (W3C Web Authentication) in its field "answer". Where the browser has no keys, [data-unable] is shown instead.

export function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

export function base64url(buffer) {
  const text = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

/** The server's JSON as the browser wants it. */
export function readOptions(mode, given) {
  const options = { ...given, challenge: bytes(given.challenge) };
  if (mode === "get") return { ...options, allowCredentials: named(given.allowCredentials) };
  return {
    ...options,
    user: { ...given.user, id: bytes(given.user.id) },
    excludeCredentials: named(given.excludeCredentials),
  };
}

/** The browser's credential as the server wants it. */
export function writeAnswer(credential) {
  const { response } = credential;
  const said = { clientDataJSON: base64url(response.clientDataJSON) };
  if (response.attestationObject) {
    said.attestationObject = base64url(response.attestationObject);
    said.transports = response.getTransports?.() || [];
  } else {
    said.authenticatorData = base64url(response.authenticatorData);
    said.signature = base64url(response.signature);
    if (response.userHandle) said.userHandle = base64url(response.userHandle);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: credential.type,
    response: said,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function ask(url, token) {
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token, Accept: "application/json" } });
  const said = await answer.json();
  if (!answer.ok) throw Object.assign(new Error("refused"), { sentence: said.message });
  return said;
}

export default function (element) {
  const { mode, options, refused, offline } = element.dataset;
  const form = element.querySelector("form");
  const able = window.isSecureContext && window.PublicKeyCredential && navigator.credentials;
  if (!able) {
    form.hidden = true;
    element.querySelector("[data-unable]")?.removeAttribute("hidden");
    return;
  }
  element.hidden = false;
  const fault = element.querySelector("[data-fault]");
  const answer = form.querySelector("[name=answer]");
  let busy = false;
  form.addEventListener("submit", async (event) => {
    if (answer.value) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    fault.textContent = "";
    form.setAttribute("aria-busy", "true");
    try {
      const given = await ask(options, form.querySelector("[name=csrf_token]")?.value || "");
      const credential = await navigator.credentials[mode]({ publicKey: readOptions(mode, given) });
      answer.value = writeAnswer(credential);
      form.requestSubmit();
    } catch (error) {
      const network = error instanceof TypeError || error instanceof SyntaxError;
      fault.textContent = error.sentence || (network ? offline : refused);
      form.removeAttribute("aria-busy");
    } finally {
      busy = false;
    }
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    answer.value = "";
    form.removeAttribute("aria-busy");
  });
}
