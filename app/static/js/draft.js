// data-module="draft" data-draft="key" on a form: keeps what was typed in this browser until it is sent; offers it
// again after a crash, a time-out or a closed tab. Passwords, files, hidden fields and fields
// with autocomplete="off" are never kept; what is older than a week is thrown away.
import { word } from "./words.js";

const DAYS = 7;
const SKIP = new Set(["password", "file", "hidden", "submit", "button", "reset", "image"]);

function fields(form) {
  return [...form.elements].filter((e) => e.name && !SKIP.has(e.type) && e.autocomplete !== "off");
}

function read(form) {
  return fields(form).map((e) => {
    if (e.type === "checkbox" || e.type === "radio") return [e.name, e.value, e.checked];
    if (e.multiple) return [e.name, [...e.selectedOptions].map((o) => o.value)];
    return [e.name, e.value.replace(/^(\d{4}-\d\d-\d\d)T/, "$1 ")];
  });
}

function write(form, kept) {
  const list = fields(form);
  kept.forEach(([name, value, checked], place) => {
    const same = list[place];
    const target = same && same.name === name ? same : list.find((e) => e.name === name);
    if (!target) return;
    if (typeof checked === "boolean") target.checked = checked;
    else if (Array.isArray(value)) [...target.options].forEach((o) => { o.selected = value.includes(o.value); });
    else target.value = target.type === "datetime-local" ? value.replace(" ", "T") : value;
    target.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

export default function (form) {
  const owner = document.documentElement.dataset.owner || ""; // nobody is offered another person's entry
  const key = `draft:${owner}:${form.dataset.draft || location.pathname}`;
  const line = form.querySelector("[data-draft-line]");
  const first = JSON.stringify(read(form));
  let timer = 0;
  let sent = false;

  const offer = () => {
    const kept = JSON.parse(localStorage.getItem(key) || "null");
    if (kept && Date.now() - kept.at > DAYS * 864e5) {
      localStorage.removeItem(key);
      return;
    }
    if (!kept || JSON.stringify(kept.fields) === first) return;
    const note = document.createElement("div");
    note.className = "eh-note is-warn mb-3";
    note.setAttribute("role", "status");
    const text = document.createElement("span");
    text.textContent = word("draft_found", { time: new Date(kept.at).toLocaleString(document.documentElement.lang) });
    const take = document.createElement("button");
    const leave = document.createElement("button");
    for (const [button, label] of [[take, "draft_take"], [leave, "draft_leave"]]) {
      button.type = "button";
      button.className = "btn btn-default btn-sm";
      button.textContent = word(label);
    }
    take.addEventListener("click", () => { write(form, kept.fields); note.remove(); });
    leave.addEventListener("click", () => { localStorage.removeItem(key); note.remove(); });
    note.append(text, take, leave);
    form.prepend(note);
  };

  const keep = () => {
    const now = read(form);
    if (sent || JSON.stringify(now) === first) return;
    try {
      localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields: now }));
      if (line) line.textContent = word("draft_kept", { time: new Date().toLocaleTimeString(document.documentElement.lang) });
    } catch {
      if (line) line.textContent = word("draft_failed");
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 600);
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    keep();
    sent = true;
    clearTimeout(timer);
    sessionStorage.setItem("draft-sent", key);
  });
  window.addEventListener("pageshow", () => { sent = false; });
  window.addEventListener("beforeunload", (event) => {
    if (!sent && form.hasAttribute("data-draft-warn") && JSON.stringify(read(form)) !== first) event.preventDefault();
  });
  if (!form.querySelector("[aria-invalid=true]")) offer();
}
