// data-module="tabs" on a row of links to #panels: one panel at a time, arrow keys, the address keeps the open one.
// Without this script all panels stand below each other and the links jump to them.

export default function (row) {
  const links = [...row.querySelectorAll("a[href^='#']")];
  const panels = links.map((a) => document.getElementById(decodeURIComponent(a.hash.slice(1))));
  row.setAttribute("role", "tablist");
  links.forEach((a, i) => {
    a.setAttribute("role", "tab");
    a.id ||= `tab-${panels[i]?.id}`;
    a.setAttribute("aria-controls", panels[i]?.id ?? "");
    panels[i]?.setAttribute("role", "tabpanel");
    panels[i]?.setAttribute("aria-labelledby", a.id);
  });

  const open = (place, keep = true) => {
    links.forEach((a, i) => {
      const on = i === place;
      a.setAttribute("aria-selected", String(on));
      a.tabIndex = on ? 0 : -1;
      if (panels[i]) panels[i].hidden = !on;
    });
    if (keep) history.replaceState(null, "", links[place].hash);
  };

  row.addEventListener("click", (event) => {
    const place = links.indexOf(event.target.closest("a"));
    if (place < 0) return;
    event.preventDefault();
    open(place);
  });
  row.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const place = links.indexOf(document.activeElement);
    if (!step || place < 0) return;
    event.preventDefault();
    const next = (place + step + links.length) % links.length;
    links[next].focus();
    open(next);
  });
  const asked = links.findIndex((a) => a.hash && a.hash === location.hash);
  open(asked < 0 ? Math.max(0, links.findIndex((a) => a.hasAttribute("aria-current"))) : asked, false);
}
