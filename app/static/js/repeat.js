// data-module="repeat" on a group of repeated parts: [data-repeat-add] appends the <template>, its "__place__" being
// the next number; [data-repeat-remove] takes a new part away. data-prefix is the id before the number.
import { start } from "./app.js";

export default function (group) {
  const template = group.querySelector(":scope > template");
  const list = group.querySelector(":scope > [data-repeat-list]");
  let next = list.children.length;
  group.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-repeat-remove]");
    if (remove && list.contains(remove)) {
      remove.closest("[data-repeat-item]").remove();
      return;
    }
    if (!event.target.closest("[data-repeat-add]")) return;
    const holder = document.createElement("div");
    const place = next;
    next += 1;
    holder.innerHTML = template.innerHTML;
    const item = holder.firstElementChild;
    const prefix = group.dataset.prefix;
    item.querySelectorAll("[id], [name], [for]").forEach((e) => {
      for (const key of ["id", "name", "for"]) {
        const value = e.getAttribute(key);
        if (value) e.setAttribute(key, `${prefix}-${place}-${value.replace(/^-/, "")}`);
      }
    });
    list.append(item);
    start(item);
    item.querySelector("input, select, textarea")?.focus();
  });
}
