// data-module="submit-once" on a form: a second click sends nothing; after a fault or "back" it can be sent again.
// The buttons stay enabled, so that the pressed one's value is sent and the focus is not lost.

export default function (form) {
  let sentAt = 0;
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const now = Date.now();
    if (sentAt && now - sentAt < 30000) {
      event.preventDefault();
      return;
    }
    sentAt = now;
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    sentAt = 0;
    form.removeAttribute("aria-busy");
  });
}
