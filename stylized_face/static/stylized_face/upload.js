// The upload page: choose, drop or paste photos, see them before they are sent, take some out again, and hear early what
// the server would refuse. Everything is a hint; the server decides. Without this file the page is a plain form.

const form = document.querySelector("[data-upload]");
const input = form.querySelector("input[type=file]");
const zone = form.querySelector("[data-drop]");
const large = form.querySelector("[data-large]");
const list = form.querySelector("[data-chosen]");
const item = form.querySelector("[data-item]");
const problem = form.querySelector("[data-problem]");
const clear = form.querySelector("[data-clear]");
const words = form.dataset;
const pictures = input.accept.split(",").filter((one) => one.includes("/"));
let addresses = [];

const size = (bytes) => (bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`);
const isZip = (file) => /\.zip$/i.test(file.name) || /zip/.test(file.type);
const total = (files) => files.reduce((sum, file) => sum + file.size, 0);

const complain = (text) => {
  problem.textContent = text;
  problem.hidden = !text;
};

const wrong = (file) => {
  if (isZip(file)) return file.size > Number(words.maxTogether) ? words.textTogether : "";
  if (file.type && !pictures.includes(file.type)) return words.textType;
  return file.size > Number(words.maxBytes) ? words.textSize : "";
};

const address = (file) => {
  const made = URL.createObjectURL(file);
  addresses.push(made);
  return made;
};

const row = (file, index) => {
  const made = item.content.cloneNode(true).firstElementChild;
  const image = made.querySelector("img");
  const sign = made.querySelector(".chosen-frame .icon");
  const button = made.querySelector("button");
  made.querySelector(".chosen-name").textContent = `${file.name} · ${size(file.size)}`;
  if (!isZip(file)) {
    image.addEventListener("load", () => sign.setAttribute("hidden", ""));
    image.addEventListener("error", () => image.remove());
    image.hidden = false;
    image.src = address(file);
  }
  button.setAttribute("aria-label", words.textRemove.replace("{name}", file.name));
  button.addEventListener("click", () => {
    put([...input.files].filter((_, other) => other !== index));
    (list.querySelectorAll("button")[Math.min(index, list.children.length - 1)] ?? input).focus();
  });
  return made;
};

// Shows what the field holds: one photo large, several as a list.
const show = () => {
  for (const one of addresses) URL.revokeObjectURL(one);
  addresses = [];
  const files = [...input.files];
  const alone = files.length === 1 && !isZip(files[0]);
  large.hidden = true;
  large.removeAttribute("src");
  form.querySelector("[data-empty]").hidden = false;
  if (alone) {
    large.src = address(files[0]);
    large.hidden = false;
    form.querySelector("[data-empty]").hidden = true;
  }
  list.replaceChildren(...(alone ? [] : files.map(row)));
  list.hidden = alone || !files.length;
  clear.hidden = !files.length;
  const name = alone ? `${files[0].name} · ${size(files[0].size)}` : words.textChosen.replace("{count}", files.length);
  form.querySelector("[data-name]").textContent = files.length ? name : "";
};

const put = (files) => {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
  show();
};

// Keeps what can be sent and names the rest.
const choose = (files) => {
  const complaints = [];
  let kept = files.filter((file) => {
    const why = wrong(file);
    if (why) complaints.push(files.length > 1 ? `${file.name}: ${why}` : why);
    return !why;
  });
  if (kept.length > Number(words.maxPhotos)) {
    complaints.push(words.textMany);
    kept = kept.slice(0, Number(words.maxPhotos));
  }
  if (total(kept) > Number(words.maxTogether)) complaints.push(words.textTogether);
  complain(complaints.join(" "));
  put(kept);
};

// One photo after another: the new one takes the place of a single one, and joins several.
const take = (files) => {
  const found = [...files].filter((one) => one.type.startsWith("image/") || isZip(one));
  const taken = found.length ? found : [...files];
  if (!taken.length) return false;
  choose(input.files.length > 1 ? [...input.files, ...taken] : taken);
  return true;
};

input.addEventListener("change", () => choose([...input.files]));
large.addEventListener("error", () => {
  large.hidden = true;
  form.querySelector("[data-empty]").hidden = false;
});
clear.addEventListener("click", () => {
  complain("");
  put([]);
  input.focus();
});

for (const name of ["dragenter", "dragover"]) {
  zone.addEventListener(name, (event) => {
    event.preventDefault();
    zone.classList.add("is-over");
  });
}
for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("is-over"));
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  take(event.dataTransfer.files);
});
// A photo dropped beside the field must not replace the page.
for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());

document.addEventListener("paste", (event) => {
  if (event.target.matches("input[type=number], textarea")) return;
  if (!take(event.clipboardData?.files ?? []) && !input.files.length) complain(words.textPasted);
});
document.addEventListener("photo-taken", (event) => take([event.detail])); // from webcam.js

form.addEventListener("submit", () => {
  form.querySelector("[data-submit]").disabled = true;
  form.querySelector("[data-sending]").hidden = false;
});
// Back from the result page: the form is shown from memory and must work again.
window.addEventListener("pageshow", () => {
  form.querySelector("[data-submit]").disabled = false;
  form.querySelector("[data-sending]").hidden = true;
  show();
});
