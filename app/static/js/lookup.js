// data-module="lookup" data-lookup="url" on a <select>: asks url?q=... while one types.
// Answer: [{"id", "label", "note"}] or {"results": [...]}; data-lookup-with="#field" adds that field's value as ?with=.
import { word } from "./words.js";

let loading = null;

function tomSelect() {
  loading ||= import("../vendor/tom-select/tom-select.popular.min.js").then(() => globalThis.TomSelect);
  return loading;
}

function rows(answer) {
  const list = Array.isArray(answer) ? answer : answer.results || answer.result || [];
  return list.map((r) => (Array.isArray(r) ? { id: r[0], label: r[1] } : { ...r, id: r.id, label: r.label ?? r.text ?? r.value }));
}

export default async function (select) {
  const TomSelect = await tomSelect();
  const other = select.dataset.lookupWith && document.querySelector(select.dataset.lookupWith);
  const url = (query) => {
    const address = new URL(select.dataset.lookup, location.href);
    address.searchParams.set(select.dataset.lookupParam || "q", query);
    if (other) address.searchParams.set("with", other.value);
    return address;
  };
  const name = select.labels?.[0]?.textContent.trim();
  const box = new TomSelect(select, {
    plugins: select.required && !select.multiple ? {} : { remove_button: { title: word("remove") } },
    valueField: "id",
    labelField: "label",
    searchField: [],
    maxOptions: 50,
    preload: "focus",
    loadThrottle: 250,
    placeholder: select.dataset.placeholder || word("lookup_placeholder"),
    score: () => () => 1,
    load(query, done) {
      fetch(url(query), { headers: { Accept: "application/json" }, credentials: "same-origin" })
        .then((r) => (r.ok ? r.json() : Promise.reject(new Error(String(r.status)))))
        .then((answer) => { this.clearOptions(); done(rows(answer)); })
        .catch(() => done());
    },
    render: {
      option(row, escape) {
        return `<div>${escape(row.label)}${row.note ? `<small>${escape(row.note)}</small>` : ""}</div>`;
      },
      no_results: () => `<div class="no-results">${word("lookup_nothing")}</div>`,
      loading: () => `<div class="spinner-border spinner-border-sm m-2"></div>`,
    },
  });
  if (name) select.setAttribute("aria-label", name);
  const described = select.getAttribute("aria-describedby");
  if (described) box.control_input.setAttribute("aria-describedby", described);
  if (select.getAttribute("aria-invalid")) box.control_input.setAttribute("aria-invalid", "true");
  other?.addEventListener("change", () => { box.clear(); box.clearOptions(); });
}
