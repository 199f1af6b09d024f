// data-module="copy" data-copy="#id" (its text) or data-copy-text="..." on a button.
import { word } from "./words.js";

export default function (button) {
  const label = button.querySelector("[data-label]") || button;
  const before = label.textContent;
  button.addEventListener("click", async () => {
    const source = button.dataset.copy && document.querySelector(button.dataset.copy);
    const text = button.dataset.copyText ?? (source?.dataset.value || source?.textContent || "").replace(/\s+/g, " ").trim();
    try {
      await navigator.clipboard.writeText(text);
      label.textContent = word("copied");
    } catch {
      if (source) getSelection().selectAllChildren(source);
      label.textContent = word("copy_by_hand");
    }
    setTimeout(() => { label.textContent = before; }, 2500);
  });
}
