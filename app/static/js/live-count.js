// data-module="live-count" on a form: after a change its entries are posted to data-count-url, the piece of the page
// that comes back replaces the content of the element data-count-into names. Without scripts the form's own
// "calculate" button does the same.

const QUIET_MS = 400;

export default function (form) {
  const into = document.querySelector(form.dataset.countInto);
  if (!into) return;
  let timer = null;
  let running = null;

  async function count() {
    running?.abort();
    running = new AbortController();
    into.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.countUrl, {
        method: "POST",
        body: new FormData(form),
        credentials: "same-origin",
        signal: running.signal,
        headers: { Accept: "text/html" },
      });
      if (answer.ok) into.innerHTML = await answer.text();
    } catch (fault) {
      if (fault.name !== "AbortError") console.error("live-count", fault);
    } finally {
      into.removeAttribute("aria-busy");
    }
  }

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(count, QUIET_MS);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
}
