// Keys for the pages of datasets. Moving inside a grid is in site.js; this adds
//   data-grid          an arrow key pressed anywhere on the page enters the grid; past its ends it turns the page
//   data-key="Name"    that key follows the link

const typing = (target) => target.closest?.("input, select, textarea, [contenteditable], summary");

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (typing(event.target)) return;

  const link = document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`);
  if (link) {
    event.preventDefault();
    link.click();
    return;
  }

  const grid = document.querySelector("[data-grid]");
  if (!grid || !["ArrowLeft", "ArrowRight", "ArrowDown"].includes(event.key)) return;
  const cells = [...grid.querySelectorAll("a[href]")];
  if (!grid.contains(event.target)) {
    // Down scrolls the page, as it does everywhere, until the grid has been entered.
    if (event.key === "ArrowDown" || document.activeElement !== document.body) return;
    event.preventDefault();
    cells[0]?.focus();
  }
});

// Runs before site.js moves the focus, so that the last cell is still the last one.
document.addEventListener(
  "keydown",
  (event) => {
    const grid = event.target.closest?.("[data-grid]");
    if (!grid || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const cells = [...grid.querySelectorAll("a[href]")];
    const here = cells.indexOf(event.target.closest("a"));
    const turn = (event.key === "ArrowRight" && here === cells.length - 1 && "next")
      || (event.key === "ArrowLeft" && here === 0 && "prev");
    if (!turn) return;
    const page = document.querySelector(`.pagination a[rel="${turn}"]`);
    if (!page) return;
    event.preventDefault();
    event.stopPropagation();
    sessionStorage.setItem("grid-enter", turn);
    page.click();
  },
  true,
);

const entered = sessionStorage.getItem("grid-enter");
if (entered) {
  sessionStorage.removeItem("grid-enter");
  const cells = document.querySelectorAll("[data-grid] a[href]");
  cells[entered === "next" ? 0 : cells.length - 1]?.focus();
}
