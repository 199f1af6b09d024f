// data-module="filters" on a GET form of filter rows: the operator's value is the parameter name of the row's field;
// [data-add] makes one more row for the same column; empty rows are not sent.

const isEmpty = (value) => value === "" || value === "__None";

function field(row) {
  return row.querySelector("[data-filter-field] :is(input, select, textarea), :is(input, select, textarea)[data-filter-field]");
}

export default function (form) {
  const name = (row) => {
    const target = field(row);
    const operator = row.querySelector("[data-operator]");
    if (target && operator) target.name = operator.value;
  };
  form.querySelectorAll("[data-row]").forEach((row) => {
    const target = field(row);
    if (target && row.dataset.value !== undefined && row.dataset.value !== "") {
      if (target.type === "checkbox") target.checked = true;
      else target.value = row.dataset.value;
    }
    name(row);
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-operator]")) name(event.target.closest("[data-row]"));
  });
  form.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add]");
    if (!add) return;
    const row = add.closest("[data-row]");
    const copy = row.cloneNode(true);
    copy.querySelectorAll("[id]").forEach((e) => { e.id = `${e.id}-${form.querySelectorAll("[data-row]").length}`; });
    const label = copy.querySelector("label");
    const target = field(copy);
    if (target) {
      target.value = "";
      if (label) label.htmlFor = target.id;
    }
    row.after(copy);
    name(copy);
    target?.focus();
  });
  form.addEventListener("formdata", (event) => {
    form.querySelectorAll("[data-row]").forEach((row) => {
      const target = field(row);
      if (target && isEmpty(target.value)) event.formData.delete(target.name);
    });
    // two rows with the same operator and column: only the filled ones
    for (const key of new Set(event.formData.keys())) {
      const values = event.formData.getAll(key);
      const filled = [...form.querySelectorAll("[data-row]")].map(field).filter((f) => f?.name === key && !isEmpty(f.value) && (f.type !== "checkbox" || f.checked));
      if (filled.length && filled.length !== values.length) {
        event.formData.delete(key);
        filled.forEach((f) => event.formData.append(key, f.value));
      }
    }
  });
}
