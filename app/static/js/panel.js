// data-module="panel" on a link to a page that is one form: shows the form over this page. What is sent goes where it
// always goes; a form that comes back with faults is shown as its page. Without scripts the link leads to the page.
import { start } from "./app.js";

async function form(address) {
  const answer = await fetch(address, {
    credentials: "same-origin",
    headers: { "X-Part": "panel", "X-Requested-With": "fetch", Accept: "text/html" },
  });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function close(dialog, link) {
  dialog.close();
  dialog.remove();
  link.focus();
}

export default function (link) {
  link.addEventListener("click", async (event) => {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (document.querySelector("dialog.eh-panel")) return;
    const dialog = document.createElement("dialog");
    dialog.className = "eh-panel";
    const head = document.createElement("h2");
    head.textContent = link.textContent.trim();
    head.id = "panel-head";
    dialog.setAttribute("aria-labelledby", head.id);
    document.body.append(dialog);
    try {
      const page = await form(link.href);
      dialog.append(head, ...page.body.childNodes);
    } catch {
      dialog.remove();
      location.assign(link.href);
      return;
    }
    dialog.addEventListener("cancel", (fired) => {
      if (fired.target !== dialog) return;
      fired.preventDefault();
      close(dialog, link);
    });
    dialog.addEventListener("click", (fired) => {
      if (fired.target === dialog || fired.target.closest("[data-close], .eh-form-bar > a")) {
        fired.preventDefault();
        close(dialog, link);
      }
    });
    dialog.showModal();
    start(dialog);
    const hash = new URL(link.href).hash;
    const wanted = hash ? dialog.querySelector(hash) : null;
    wanted?.scrollIntoView({ block: "start" });
    (wanted || dialog).querySelector("input:not([type=hidden]):not([disabled]), select, button")?.focus();
  });
}
