// data-module="bulk" data-scope="#id of the table" on a bulk bar (.eh-bulk): shown only with a selection; says how
// many are picked; [data-clear] empties it; [data-count] holds the number. Checkboxes: input[name][data-pick];
// input[data-all="words for the number"] stands for every row, whether on this page or not.

export default function (bar) {
  const scope = document.querySelector(bar.dataset.scope);
  if (!scope) return;
  const count = bar.querySelector("[data-count]");
  const boxes = () => [...scope.querySelectorAll("input[data-pick]")];
  const all = scope.querySelector("input[data-pick-all]");
  const every = bar.querySelector("input[data-all]");

  const show = () => {
    const list = boxes();
    const picked = list.filter((b) => b.checked);
    bar.hidden = picked.length === 0 && !every?.checked;
    if (count) count.textContent = every?.checked ? every.dataset.all : String(picked.length);
    list.forEach((b) => b.closest("tr, li")?.classList.toggle("is-picked", b.checked));
    if (all) {
      all.checked = list.length > 0 && picked.length === list.length;
      all.indeterminate = picked.length > 0 && !all.checked;
    }
  };

  let last = null;
  scope.addEventListener("click", (event) => {
    const box = event.target.closest("input[data-pick]");
    if (!box) return;
    if (event.shiftKey && last) {
      const list = boxes();
      const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
      list.slice(from, to + 1).forEach((b) => { b.checked = box.checked; });
    }
    last = box;
    show();
  });
  all?.addEventListener("change", () => {
    boxes().forEach((b) => { b.checked = all.checked; });
    show();
  });
  bar.querySelector("[data-clear]")?.addEventListener("click", () => {
    boxes().forEach((b) => { b.checked = false; });
    if (every) every.checked = false;
    show();
    all?.focus();
  });
  every?.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
}
