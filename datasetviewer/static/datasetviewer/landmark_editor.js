// The landmark editor: five points over a picture, dragged or moved with keys. The number fields hold the state, so the
// form can be sent, and read, without this script.

const editor = document.querySelector("[data-landmark-editor]");

const showAll = () => {
  const box = editor.querySelector("[data-toggle-all]");
  const points = editor.querySelector("[data-all-points]");
  if (!box || !points) return;
  box.addEventListener("change", () => {
    points.toggleAttribute("hidden", !box.checked);
    const address = new URL(location.href);
    if (box.checked) address.searchParams.set("all", "1");
    else address.searchParams.delete("all");
    history.replaceState(null, "", address);
  });
};

const edit = () => {
  const svg = editor.querySelector("[data-points]");
  const form = editor.querySelector("[data-form]");
  const undo = form.querySelector("[data-undo]");
  const redo = form.querySelector("[data-redo]");
  const spoken = form.querySelector("[data-spoken]");
  const points = [...svg.querySelectorAll("[data-point]")];
  const field = (point, axis) => form.elements[`${axis}${point.dataset.point}`];
  const round = (value) => Math.round(value * 10) / 10;
  const read = () => points.map((point) => ["x", "y"].map((axis) => Number.parseFloat(field(point, axis).value)));
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  let done = [read()];
  let at = 0;
  let saved = true;

  const place = (point, x, y) => {
    field(point, "x").value = x;
    field(point, "y").value = y;
    point.setAttribute("transform", `translate(${x} ${y})`);
  };
  const show = (state) => {
    points.forEach((point, number) => place(point, ...state[number]));
    undo.disabled = at === 0;
    redo.disabled = at === done.length - 1;
    saved = same(state, done[0]);
  };
  const remember = () => {
    const state = read();
    if (state.flat().some(Number.isNaN) || same(state, done[at])) return;
    done = [...done.slice(0, at + 1), state];
    at = done.length - 1;
    show(state);
  };
  const step = (by) => {
    const to = at + by;
    if (to < 0 || to >= done.length) return;
    at = to;
    show(done[at]);
  };
  const choose = (point) => {
    for (const other of points) other.classList.toggle("chosen", other === point);
    for (const row of form.querySelectorAll("[data-row]")) {
      row.classList.toggle("chosen", row.dataset.row === point?.dataset.point);
    }
  };
  const say = (point) => {
    spoken.textContent = `${point.getAttribute("aria-label")}: ${field(point, "x").value}, ${field(point, "y").value}`;
  };

  // Where the pointer is, in the picture's pixels.
  const pixel = (event) => {
    const matrix = svg.getScreenCTM().inverse();
    return new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
  };

  for (const point of points) {
    let offset = null;
    point.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      point.focus();
      point.setPointerCapture(event.pointerId);
      const where = pixel(event);
      const [x, y] = ["x", "y"].map((axis) => Number.parseFloat(field(point, axis).value));
      offset = [x - where.x, y - where.y];
      point.classList.add("dragging");
    });
    point.addEventListener("pointermove", (event) => {
      if (!offset) return;
      const where = pixel(event);
      place(point, round(where.x + offset[0]), round(where.y + offset[1]));
    });
    const drop = () => {
      if (!offset) return;
      offset = null;
      point.classList.remove("dragging");
      remember();
      say(point);
    };
    point.addEventListener("pointerup", drop);
    point.addEventListener("pointercancel", drop);
    point.addEventListener("focus", () => choose(point));
    point.addEventListener("keydown", (event) => {
      const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      const move = moves[event.key];
      if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const far = event.shiftKey ? 10 : 1;
      const [x, y] = ["x", "y"].map((axis) => Number.parseFloat(field(point, axis).value));
      place(point, round(x + far * move[0]), round(y + far * move[1]));
      remember();
      say(point);
    });
  }

  form.addEventListener("input", () => {
    const state = read();
    points.forEach((point, number) => {
      const [x, y] = state[number];
      if (!Number.isNaN(x) && !Number.isNaN(y)) point.setAttribute("transform", `translate(${x} ${y})`);
    });
  });
  form.addEventListener("change", remember);
  form.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) choose(points.find((point) => point.dataset.point === row.dataset.row));
  });
  undo.addEventListener("click", () => step(-1));
  redo.addEventListener("click", () => step(1));
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const back = key === "z" && !event.shiftKey;
    const forth = key === "y" || (key === "z" && event.shiftKey);
    if (!back && !forth) return;
    event.preventDefault();
    step(back ? -1 : 1);
  });
  form.addEventListener("submit", () => {
    saved = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!saved) event.preventDefault();
  });
};

if (editor) {
  showAll();
  if ("editable" in editor.dataset) edit();
}
