// data-module="error-summary": takes the focus when the page comes back with errors; a link leads into its field.

export default function (summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    field.closest("details")?.setAttribute("open", "");
    (field.tomselect || field).focus();
    field.scrollIntoView({ block: "center" });
  });
}
