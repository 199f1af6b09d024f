// data-module="print" on a button: the browser's print dialog.

export default function (button) {
  button.addEventListener("click", () => window.print());
}
