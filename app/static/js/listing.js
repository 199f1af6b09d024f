// data-module="listing" on a list (see templates/listing/part.html): the search answers while one types, and links of
// order, pages and filters change the list in place. The URL always carries the whole state; without scripts the same
// form and links load the page. Alt+PageUp and Alt+PageDown turn the pages, the arrows go from tick to tick.
import { start } from "./app.js";

const QUIET_MS = 220;

export default function (list) {
  const search = list.querySelector("[data-list-search]");
  const input = search.querySelector("input[type=search]");
  let timer = null;
  let running = null;

  async function load(address, { push, focus }) {
    running?.abort();
    const mine = (running = new AbortController());
    const rows = list.querySelector('[data-swap="rows"]');
    rows.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, {
        credentials: "same-origin",
        signal: mine.signal,
        headers: { "X-Part": "list", "X-Requested-With": "fetch", Accept: "text/html" },
      });
      if (!answer.ok || answer.redirected) return location.assign(address);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const fresh of page.querySelectorAll("[data-swap]")) {
        const old = list.querySelector(`[data-swap="${fresh.dataset.swap}"]`);
        if (old) old.replaceChildren(...fresh.childNodes);
      }
      if (push) history.pushState({ list: true }, "", address);
      else history.replaceState({ list: true }, "", address);
      list.querySelectorAll("[data-swap]").forEach((part) => start(part));
      keys();
      if (focus) {
        const table = list.querySelector(focus) || list.querySelector("#list-rows a, #list-rows input");
        table?.focus({ preventScroll: true });
        list.scrollIntoView({ block: "start" });
      }
    } catch (fault) {
      if (fault.name !== "AbortError") location.assign(address);
    } finally {
      if (running === mine) rows.removeAttribute("aria-busy");
    }
  }

  function typed() {
    const address = new URL(search.action, location.href);
    for (const [name, value] of new FormData(search)) if (value !== "") address.searchParams.append(name, value);
    return address;
  }

  const now = (push) => {
    clearTimeout(timer);
    load(typed(), { push });
  };
  let composing = false; // the letters of an input method are not the text yet
  input.addEventListener("compositionstart", () => { composing = true; });
  input.addEventListener("compositionend", () => {
    composing = false;
    timer = setTimeout(now, QUIET_MS);
  });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (!composing) timer = setTimeout(now, QUIET_MS);
  });
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    now(true);
  });

  list.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest(".eh-table thead a, .eh-pager a, .eh-chip > a.x");
    if (!link || link.origin !== location.origin) return;
    event.preventDefault();
    link.closest("details")?.removeAttribute("open");
    const column = link.closest("th")?.cellIndex;
    const focus = column === undefined ? null : `.eh-table thead th:nth-child(${column + 1}) a`;
    load(link.href, { push: true, focus: focus || (link.rel ? "#list-rows a" : '[data-swap="chips"] a') });
  });

  list.addEventListener("keydown", (event) => {
    const box = event.target.closest?.("input[data-pick]");
    if (!box || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    const boxes = [...list.querySelectorAll("input[data-pick]")];
    const next = boxes[boxes.indexOf(box) + (event.key === "ArrowDown" ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  document.addEventListener("keydown", (event) => {
    if (!event.altKey || !["PageUp", "PageDown"].includes(event.key) || document.querySelector("dialog[open]")) return;
    const link = list.querySelector(event.key === "PageDown" ? "a[rel=next]" : "a[rel=prev]");
    if (!link) return;
    event.preventDefault();
    load(link.href, { push: true, focus: "#list-rows a" });
  });

  function keys() {
    list.querySelector("a[rel=next]")?.setAttribute("aria-keyshortcuts", "Alt+PageDown");
    list.querySelector("a[rel=prev]")?.setAttribute("aria-keyshortcuts", "Alt+PageUp");
  }

  // Back and forward show what the address says, the search box included.
  window.addEventListener("popstate", () => {
    input.value = new URL(location.href).searchParams.get("q") || "";
    load(location.href, { push: false });
  });
  keys();
}
