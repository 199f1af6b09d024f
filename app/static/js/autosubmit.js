// data-module="autosubmit" on a select or checkbox: sends its form at once (a button in <noscript> does it without).

export default function (element) {
  element.addEventListener("change", () => element.form.requestSubmit());
}
