// Photo and drawing over each other. Styles are set through the CSSOM, which the content policy allows.
//   data-compare="overlay"      a slider sets how much of the drawing is seen
//   data-compare="flicker"      a button, or the space bar, swaps the two; another one lets them take turns
//   data-compare="difference"   the mean absolute difference, computed on a canvas

const stage = document.querySelector("[data-compare]");
const over = stage.querySelector(".compare-over");
const under = stage.querySelector(".compare-under");

const slider = stage.querySelector("[data-opacity]");
if (slider) {
  const apply = () => over.style.setProperty("opacity", slider.value / 100);
  slider.addEventListener("input", apply);
  apply();
}

const swap = stage.querySelector("[data-swap]");
if (swap) {
  const run = stage.querySelector("[data-run]");
  const showing = stage.querySelector("[data-showing]");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let drawing = true;
  let timer = 0;
  const flip = () => {
    drawing = !drawing;
    over.style.setProperty("opacity", drawing ? 1 : 0);
    // Read aloud only when it was asked for; four times a second would be noise.
    if (!timer) showing.textContent = drawing ? showing.dataset.drawing : showing.dataset.photo;
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    run.setAttribute("aria-pressed", "false");
  };
  swap.addEventListener("click", () => {
    stop();
    flip();
  });
  run.addEventListener("click", () => {
    if (timer) return stop();
    showing.textContent = "";
    timer = setInterval(flip, 400);
    run.setAttribute("aria-pressed", "true");
  });
  // Who asked for less motion starts it by hand.
  if (!calm.matches) run.click();
  calm.addEventListener("change", () => calm.matches && stop());
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target.closest?.("button, input, select, textarea, a, summary")) return;
    event.preventDefault();
    stop();
    flip();
  });
}

const text = stage.querySelector("[data-difference]");
if (text) {
  const grey = (image, width, height) => {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    return Float32Array.from({ length: width * height }, (_, i) => 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]);
  };
  Promise.all([under.decode(), over.decode()]).then(() => {
    const width = under.naturalWidth;
    const height = under.naturalHeight;
    const [first, second] = [grey(under, width, height), grey(over, width, height)];
    let sum = 0;
    for (let i = 0; i < first.length; i += 1) sum += Math.abs(first[i] - second[i]);
    text.textContent = `${text.dataset.text}: ${(sum / first.length).toFixed(1)} / 255`;
  });
}
