// Ticks of the grid: a click or the space bar, shift and click for everything in between. They live in the session's
// storage, so that they outlast turning the page, and travel with the form when it is sent.
//   form[data-selection=slug]   the form; the ticks are inputs named "pick" that belong to it
//   [data-selected-count] [data-select-page] [data-select-none] [data-select-everything]
// And two sliders: [data-density] shows the new density at once, [data-submit] sends its form when it is let go.

const form = document.querySelector("form[data-selection]");

if (form) {
  const store = `selection-${form.dataset.selection}`;
  const read = () => new Set(JSON.parse(sessionStorage.getItem(store) ?? "[]"));
  const boxes = [...document.querySelectorAll('input[name="pick"]')];
  const count = form.querySelector("[data-selected-count]");
  const everything = form.querySelector("[data-select-everything]");
  let picked = read();
  let last = -1;

  const show = () => {
    for (const box of boxes) {
      box.checked = picked.has(box.value);
      box.disabled = everything.checked;
    }
    count.textContent = picked.size;
  };
  const keep = () => {
    sessionStorage.setItem(store, JSON.stringify([...picked]));
    show();
  };
  const set = (box, on) => (on ? picked.add(box.value) : picked.delete(box.value));

  boxes.forEach((box, index) => {
    box.addEventListener("click", (event) => {
      const on = box.checked;
      if (event.shiftKey && last >= 0) {
        const [from, to] = [Math.min(last, index), Math.max(last, index)];
        boxes.slice(from, to + 1).forEach((each) => set(each, on));
      }
      set(box, on);
      last = index;
      keep();
    });
  });
  form.querySelector("[data-select-page]").addEventListener("click", () => {
    boxes.forEach((box) => set(box, true));
    keep();
  });
  form.querySelector("[data-select-none]").addEventListener("click", () => {
    picked = new Set();
    everything.checked = false;
    keep();
  });
  everything.addEventListener("change", show);

  // The space bar on a tile ticks it; Enter opens it, as with every link.
  document.addEventListener("keydown", (event) => {
    const tile = event.target.closest?.("[data-grid] a.pair-card");
    if (!tile || event.key !== " ") return;
    event.preventDefault();
    tile.parentElement.querySelector('input[name="pick"]')?.click();
  });

  // Ticks of other pages travel as one field: a form may not have thousands.
  form.addEventListener("formdata", (event) => {
    event.formData.delete("pick");
    if (!everything.checked) event.formData.set("pick", [...picked].join(","));
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.value === "save") sessionStorage.removeItem(store);
  });
  window.addEventListener("pageshow", () => {
    picked = read();
    show();
  });
  show();
}

const density = document.querySelector("[data-density]");
density?.addEventListener("input", () => {
  const grid = document.querySelector("[data-grid]");
  if (!grid) return;
  grid.className = grid.className.replace(/density-\d/, `density-${density.value}`);
});
density?.addEventListener("change", () => density.form.requestSubmit());
document.querySelectorAll("[data-submit]").forEach((range) => {
  range.addEventListener("change", () => range.form.requestSubmit());
});

// Empty fields make no part of the address.
document.querySelectorAll("form[data-grid-filter]").forEach((filter) => {
  filter.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
});
