// data-module="clock" data-now="ISO time of the server" on <time>: runs on from the server's clock.

export default function (element) {
  const ahead = Date.parse(element.dataset.now) - Date.now();
  const show = new Intl.DateTimeFormat(document.documentElement.lang, {
    hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false, timeZone: element.dataset.zone || undefined,
  });
  const tick = () => { element.textContent = show.format(new Date(Date.now() + ahead)); };
  tick();
  setInterval(tick, 1000);
}
