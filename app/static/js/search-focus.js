// data-module="search-focus" on the search field: Ctrl-K (or Cmd-K) or "/" puts the cursor there.

export default function (input) {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    const asked = (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !typing);
    if (!asked) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
}
