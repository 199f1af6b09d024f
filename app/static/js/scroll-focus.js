// data-module="scroll-focus" on a box that scrolls sideways: the keyboard reaches it, but only while there is something to scroll.

export default function (box) {
  const name = box.querySelector("caption")?.textContent.trim();
  const settle = () => {
    const scrolls = box.scrollWidth > box.clientWidth;
    for (const [attribute, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", name]]) {
      if (scrolls && value) box.setAttribute(attribute, value);
      else box.removeAttribute(attribute);
    }
  };
  new ResizeObserver(settle).observe(box);
  settle();
}
