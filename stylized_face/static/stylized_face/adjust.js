// The crop that the five points lead to, shown live. The points themselves are moved by datasetviewer/landmark_editor.js;
// here only their places are read.

const part = document.querySelector("[data-adjust]");
const photo = part.querySelector("[data-photo]");
const frame = part.querySelector("[data-crop-frame]");
const canvas = part.querySelector("[data-preview]");
const pen = canvas.getContext("2d");
const eyes = [1, 2].map((number) => part.querySelector(`[data-point="${number}"]`));
const [leftX, leftY, rightX, rightY] = canvas.dataset.eyes.split(" ").map(Number);
let waiting = false;

const place = (point) => {
  const { e, f } = point.transform.baseVal.getItem(0).matrix;
  return [e, f];
};

// The similarity from the photo to the crop: x' = a x - b y + e, y' = b x + a y + f, with pixel centres at whole numbers.
const similarity = () => {
  const [[x, y], [otherX, otherY]] = eyes.map(place);
  const [sx, sy] = [otherX - x, otherY - y];
  const [tx, ty] = [rightX - leftX, rightY - leftY];
  const length = sx * sx + sy * sy;
  if (!length) return null;
  const a = (tx * sx + ty * sy) / length;
  const b = (ty * sx - tx * sy) / length;
  return { a, b, e: leftX - a * x + b * y, f: leftY - b * x - a * y };
};

const draw = () => {
  waiting = false;
  const found = similarity();
  if (!found || !photo.complete || !photo.naturalWidth) return;
  const { a, b, e, f } = found;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  // A canvas counts from the corner of the first pixel, half a pixel before its centre.
  pen.setTransform(a, b, -b, a, e + 0.5 - 0.5 * (a - b), f + 0.5 - 0.5 * (a + b));
  pen.drawImage(photo, 0, 0);
  const square = a * a + b * b;
  const back = (x, y) => [(a * (x - e) + b * (y - f)) / square, (a * (y - f) - b * (x - e)) / square];
  const [right, bottom] = [canvas.width - 0.5, canvas.height - 0.5];
  const corners = [back(-0.5, -0.5), back(right, -0.5), back(right, bottom), back(-0.5, bottom)];
  frame.setAttribute("points", corners.map((corner) => corner.map((value) => value.toFixed(1)).join(",")).join(" "));
};

const later = () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(draw);
};

const watcher = new MutationObserver(later);
for (const eye of eyes) watcher.observe(eye, { attributes: true, attributeFilter: ["transform"] });
photo.addEventListener("load", later);
later();
