// data-module="dismiss" on a button inside a note: takes the note away.

export default function (button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const note = button.closest(".eh-note");
    const after = note.parentElement.closest("main") || document.body;
    note.remove();
    after.querySelector("h1")?.focus();
  });
}
