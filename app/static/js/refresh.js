// data-module="refresh" data-refresh="url" data-every="3": fetches the fragment and puts it in place of the element's
// content until the answer carries data-done (or the status 204); slows down while the page is hidden or the server
// is away. The fragment is our own server's HTML.
import { start } from "./app.js";

export default function (element) {
  const every = Math.max(1, Number(element.dataset.every || 3)) * 1000;
  let wait = every;

  const next = () => setTimeout(tick, document.hidden ? wait * 5 : wait);
  async function tick() {
    if (!element.isConnected) return;
    try {
      const answer = await fetch(element.dataset.refresh, {
        credentials: "same-origin",
        headers: { "X-Requested-With": "fetch" },
      });
      if (answer.status === 204) return;
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const html = await answer.text();
      if (html !== element.dataset.last) {
        element.dataset.last = "";
        element.innerHTML = html;
        start(element);
      }
      wait = every;
      if (element.querySelector("[data-done]")) {
        const target = element.querySelector("[data-done]").dataset.done;
        if (target) location.assign(target);
        return;
      }
    } catch {
      wait = Math.min(wait * 2, 60000);
    }
    next();
  }
  next();
}
