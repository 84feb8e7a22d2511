// The upload page: drop or paste a photo, see it before it is sent, and hear early what the server would refuse.
// Everything is a hint; the server decides. Without this file the page is a plain form.

const form = document.querySelector("[data-upload]");
const input = form.querySelector("input[type=file]");
const zone = form.querySelector("[data-drop]");
const preview = form.querySelector("[data-preview]");
const problem = form.querySelector("[data-problem]");
const accepted = input.accept.split(",");
let address = null;

const complain = (text) => {
  problem.textContent = text;
  problem.hidden = !text;
};

const size = (bytes) => (bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`);

const forget = () => {
  if (address) URL.revokeObjectURL(address);
  address = null;
  preview.removeAttribute("src");
  preview.hidden = true;
  form.querySelector("[data-empty]").hidden = false;
  form.querySelector("[data-name]").textContent = "";
};

const show = () => {
  forget();
  const file = input.files[0];
  if (!file) return;
  if (file.type && !accepted.includes(file.type)) {
    input.value = "";
    complain(form.dataset.textType);
    return;
  }
  if (file.size > Number(form.dataset.maxBytes)) {
    input.value = "";
    complain(form.dataset.textSize);
    return;
  }
  complain("");
  address = URL.createObjectURL(file);
  preview.src = address;
  preview.hidden = false;
  form.querySelector("[data-empty]").hidden = true;
  form.querySelector("[data-name]").textContent = `${file.name} · ${size(file.size)}`;
};

const take = (files) => {
  const file = [...files].find((one) => one.type.startsWith("image/")) ?? files[0];
  if (!file) return false;
  const transfer = new DataTransfer();
  transfer.items.add(file);
  input.files = transfer.files;
  show();
  return true;
};

input.addEventListener("change", show);
preview.addEventListener("error", forget);

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
  if (!take(event.clipboardData?.files ?? []) && !input.files.length) complain(form.dataset.textPasted);
});

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
