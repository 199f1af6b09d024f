// data-module="confirm" data-confirm="sentence" on a form or a button: asks before the form is sent.
// Without this script the form is sent at once; what must never happen at once uses components/confirm.html.
import { word } from "./words.js";

function ask(sentence, yes) {
  const dialog = document.createElement("dialog");
  dialog.className = "eh-ask";
  const text = document.createElement("p");
  text.textContent = sentence;
  const bar = document.createElement("div");
  const no = document.createElement("button");
  no.type = "button";
  no.className = "btn btn-default";
  no.textContent = word("cancel");
  const go = document.createElement("button");
  go.type = "button";
  go.className = "btn btn-primary";
  go.textContent = yes || word("confirm");
  bar.append(no, go);
  dialog.append(text, bar);
  document.body.append(dialog);
  return new Promise((resolve) => {
    const close = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    no.addEventListener("click", () => close(false));
    go.addEventListener("click", () => close(true));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      close(false);
    });
    dialog.showModal();
  });
}

export default function (element) {
  const form = element.form || element.closest("form");
  if (!form) return;
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (element !== form && button !== element) return;
    if (form.dataset.confirmed === "yes") {
      delete form.dataset.confirmed;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await ask(element.dataset.confirm, (button || element).dataset.yes)) {
      form.dataset.confirmed = "yes";
      form.requestSubmit(button || undefined);
    }
  }, true);
}
