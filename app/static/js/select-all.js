// data-module="select-all" data-scope="#id" on a checkbox: follows and leads the checkboxes inside the element.

export default function (all) {
  const scope = document.querySelector(all.dataset.scope);
  if (!scope) return;
  const boxes = () => [...scope.querySelectorAll("input[type=checkbox]:not([disabled])")].filter((b) => b !== all);
  const show = () => {
    const picked = boxes().filter((b) => b.checked).length;
    all.checked = picked > 0 && picked === boxes().length;
    all.indeterminate = picked > 0 && !all.checked;
  };
  all.addEventListener("change", () => {
    boxes().forEach((b) => {
      b.checked = all.checked;
      b.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });
  scope.addEventListener("change", (event) => event.target !== all && show());
  show();
}
