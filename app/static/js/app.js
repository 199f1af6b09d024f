// Finds elements with data-module="name other" and hands each to ./name.js (export default function (element)).
// Content that arrives later calls start(root). tests/design looks that every name in a template has its file.

const NAME = /^[a-z][a-z0-9-]*$/;

export async function start(root = document) {
  const found = [...root.querySelectorAll("[data-module]")];
  if (root instanceof Element && root.matches("[data-module]")) found.unshift(root);
  for (const element of found) {
    const started = new Set((element.dataset.started || "").split(" ").filter(Boolean));
    for (const name of element.dataset.module.split(/\s+/)) {
      if (!NAME.test(name) || started.has(name)) continue;
      started.add(name);
      element.dataset.started = [...started].join(" ");
      try {
        const module = await import(`./${name}.js`);
        Promise.resolve(module.default(element)).catch((fault) => console.error(`module ${name}`, fault));
      } catch (fault) {
        console.error(`module ${name}`, fault);
      }
    }
  }
}

// A form was sent and this page is the good answer to it: its draft has done its duty (see draft.js).
function settleDraft() {
  const key = sessionStorage.getItem("draft-sent");
  if (!key || document.querySelector("[data-keep-draft], [aria-invalid=true], .eh-flash .is-bad")) return;
  sessionStorage.removeItem("draft-sent");
  localStorage.removeItem(key);
}

settleDraft();
start();
