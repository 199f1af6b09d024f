// data-module="reorder" on a form whose <li data-key> lines can be dragged; the buttons name="move" value="up:key" move
// them at once. Without scripts the same buttons send the form, which comes back in the new order.

export default function (form) {
  const list = form.querySelector("ol, ul");
  const said = form.querySelector("[data-said]");
  let dragged = null;

  const tell = (line) => {
    const lines = [...list.children];
    if (said) said.textContent = `${line.querySelector("label").textContent.trim()} ${lines.indexOf(line) + 1}/${lines.length}`;
  };
  const fixed = (line) => !line.draggable;

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=move]");
    if (!button) return;
    event.preventDefault();
    const line = button.closest("li");
    const [way] = button.value.split(":");
    const other = way === "up" ? line.previousElementSibling : line.nextElementSibling;
    if (!other || fixed(other)) return;
    if (way === "up") other.before(line);
    else other.after(line);
    button.focus();
    tell(line);
  });
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("li[draggable]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.key);
    dragged.classList.add("is-dragged");
  });
  list.addEventListener("dragover", (event) => {
    const line = event.target.closest("li");
    if (!dragged || !line || line === dragged || fixed(line)) return;
    event.preventDefault();
    const box = line.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) line.before(dragged);
    else line.after(dragged);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    dragged?.classList.remove("is-dragged");
    if (dragged) tell(dragged);
    dragged = null;
  });
}
