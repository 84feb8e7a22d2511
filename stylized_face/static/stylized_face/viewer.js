// Looking at results. Bound by data attributes, so that parts swapped in by htmx work too:
//   data-views          one photo and its sketch: slider, side by side, or switching; the choice is kept in the address
//   data-compare        many pictures of one face under the same fade and the same zoom at the same place

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-view-link]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const views = link.closest("[data-views]");
  views.dataset.view = link.dataset.viewLink;
  for (const other of views.querySelectorAll("[data-view-link]")) {
    if (other === link) other.setAttribute("aria-current", "true");
    else other.removeAttribute("aria-current");
  }
  window.history.replaceState(null, "", link.href);
});

const compare = document.querySelector("[data-compare]");
if (compare) {
  const set = (name, value) => {
    compare.style.setProperty(`--${name}`, name === "zoom" ? value / 100 : `${value}%`);
    if (name !== "zoom") return;
    compare.classList.toggle("is-zoomed", value > 100);
    for (const place of compare.querySelectorAll("[data-compare-place]")) place.hidden = value <= 100;
  };
  const control = (name) => compare.querySelector(`[data-compare-set="${name}"]`);
  compare.addEventListener("input", (event) => {
    if (event.target.dataset.compareSet) set(event.target.dataset.compareSet, Number(event.target.value));
  });
  compare.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  // The place under the pointer is enlarged in every picture.
  compare.addEventListener("pointermove", (event) => {
    const picture = event.target.closest(".zoomed");
    if (!picture || !compare.classList.contains("is-zoomed") || event.pointerType === "touch") return;
    const box = picture.getBoundingClientRect();
    for (const [name, part] of [
      ["x", (event.clientX - box.left) / box.width],
      ["y", (event.clientY - box.top) / box.height],
    ]) {
      control(name).value = Math.round(part * 100);
      set(name, Math.min(100, Math.max(0, part * 100)));
    }
  });
  // After a reload browsers put the controls back where they were.
  for (const one of compare.querySelectorAll("[data-compare-set]")) set(one.dataset.compareSet, Number(one.value));
}
