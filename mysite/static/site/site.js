// Behaviour that every page may use, bound by data attributes so that parts swapped in by htmx work too
// (a form that is sent when it changes: filters.js):
//   data-copy="#id"          copies the text of that element; the button says so for two seconds
//   data-slider              before/after slider, see .slider in app.css and partials/before_after.html
//   data-arrow-keys          arrow keys, Home and End move between the links of a grid
//   data-confirm="text"      asks before a form is sent

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  if (!source) return;
  const text = ("value" in source ? source.value : source.textContent).trim();
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // No clipboard on plain http to another host: select the text, so that Ctrl-C is all that is left to do.
    if ("select" in source) source.select();
    else window.getSelection().selectAllChildren(source);
    return;
  }
  button.classList.add("is-copied");
  const status = button.querySelector("[data-copied]");
  if (status) status.hidden = false;
  setTimeout(() => {
    button.classList.remove("is-copied");
    if (status) status.hidden = true;
  }, 2000);
});

const startSlider = (slider) => {
  const range = slider.querySelector("input[type=range]");
  if (!range || slider.classList.contains("is-ready")) return;
  const move = () => slider.style.setProperty("--position", `${range.value}%`);
  slider.classList.add("is-ready");
  range.addEventListener("input", move);
  move();
};

const startAll = (root) => root.querySelectorAll("[data-slider]").forEach(startSlider);
startAll(document);
document.addEventListener("htmx:load", (event) => {
  const part = event.target;
  if (part.matches?.("[data-slider]")) startSlider(part);
  if (part.querySelectorAll) startAll(part);
});

document.addEventListener("keydown", (event) => {
  const grid = event.target.closest("[data-arrow-keys]");
  if (!grid || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const here = event.target.closest("a, button");
  const cells = [...grid.querySelectorAll("a[href], button")].filter((cell) => cell.offsetParent !== null);
  const index = cells.indexOf(here);
  if (index < 0) return;
  // Neighbours above and below are found by where they lie, so any number of columns works.
  const box = (cell) => cell.getBoundingClientRect();
  const centre = box(here).left + box(here).width / 2;
  const nearest = (rows) => {
    if (!rows.length) return undefined;
    return rows.reduce((best, cell) => {
      const off = (one) => Math.abs(box(one).left + box(one).width / 2 - centre);
      return off(cell) < off(best) ? cell : best;
    });
  };
  const row = (candidates, pick) => {
    if (!candidates.length) return [];
    const top = pick(...candidates.map((cell) => box(cell).top));
    return candidates.filter((cell) => Math.abs(box(cell).top - top) < 4);
  };
  const moves = {
    ArrowLeft: () => cells[index - 1],
    ArrowRight: () => cells[index + 1],
    ArrowUp: () => nearest(row(cells.filter((cell) => box(cell).top < box(here).top - 4), Math.max)),
    ArrowDown: () => nearest(row(cells.filter((cell) => box(cell).top > box(here).top + 4), Math.min)),
    Home: () => cells[0],
    End: () => cells[cells.length - 1],
  };
  if (!(event.key in moves)) return;
  event.preventDefault();
  moves[event.key]()?.focus();
});

// A box that scrolls sideways and holds nothing that takes the focus could not be scrolled by keys.
const SCROLLERS = ".table-responsive, .copy-snippet pre";
const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";
const reachScrollers = () => {
  for (const box of document.querySelectorAll(SCROLLERS)) {
    const scrolls = box.scrollWidth > box.clientWidth + 1 && !box.querySelector(FOCUSABLE);
    if (scrolls === box.hasAttribute("data-scrolls")) continue;
    box.toggleAttribute("data-scrolls", scrolls);
    if (scrolls) {
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.ariaLabel = box.querySelector("caption")?.textContent.trim() || document.querySelector("h1")?.textContent.trim();
    } else for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
  }
};
reachScrollers();
window.addEventListener("load", reachScrollers);
window.addEventListener("resize", reachScrollers);
document.addEventListener("htmx:afterSettle", reachScrollers);
document.addEventListener("toggle", reachScrollers, true); // what a <details> shows

document.addEventListener("submit", (event) => {
  const question = event.target.dataset?.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// A tab nobody looks at does not poll.
document.addEventListener("htmx:beforeRequest", (event) => {
  const trigger = event.detail.elt.getAttribute("hx-trigger") ?? "";
  if (document.hidden && trigger.includes("every")) event.preventDefault();
});
