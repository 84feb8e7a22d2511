// Sending a set in: drop the files, hear early what would be refused, see how far it is, come back to the same choice.
// Everything is a hint; the server decides. Without this file the form is sent as usual.

const form = document.querySelector("form[data-upload]");
if (form) {
  const input = form.querySelector("input[type=file]");
  const zone = form.querySelector("[data-drop]");
  const names = form.querySelector("[data-names]");
  const problem = form.querySelector("[data-problem]");
  const box = form.querySelector("[data-progress]");
  const bar = box.querySelector("progress");
  const text = box.querySelector("output");
  const button = form.querySelector("button");
  const mebibytes = (bytes) => (bytes / 1048576).toFixed(bytes < 10485760 ? 1 : 0);

  const complain = (sentence) => {
    problem.textContent = sentence;
    problem.hidden = !sentence;
    if (sentence) problem.scrollIntoView({ block: "center" });
  };

  const show = () => {
    const files = [...input.files];
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    complain("");
    if (bytes > Number(form.dataset.maxBytes)) complain(form.dataset.textSize);
    if (files.length > Number(form.dataset.maxFiles)) complain(form.dataset.textCount);
    const first = files.slice(0, 3).map((file) => file.name).join(", ");
    names.textContent = files.length ? `${first}${files.length > 3 ? ` … (${files.length})` : ""} · ${mebibytes(bytes)} MiB` : "";
  };
  input.addEventListener("change", show);

  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("is-over");
    });
  }
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    show();
  });
  // A file dropped beside the field must not replace the page.
  for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // The address follows what is chosen above, so it is what to come back to.
    if (form.querySelector("[name=side]")) form.querySelector("[data-state]").value = location.search;
    const request = new XMLHttpRequest();
    const begun = performance.now();
    box.hidden = false;
    button.disabled = true;
    const over = () => {
      box.hidden = true;
      button.disabled = false;
    };
    request.upload.addEventListener("progress", (moved) => {
      if (!moved.lengthComputable) return;
      bar.max = moved.total;
      bar.value = moved.loaded;
      const seconds = ((performance.now() - begun) / 1000) * (moved.total / moved.loaded - 1);
      text.value = `${mebibytes(moved.loaded)} / ${mebibytes(moved.total)} MiB · ${Math.ceil(seconds)} s`;
    });
    request.addEventListener("load", () => {
      if (request.status < 400) {
        location.assign(request.responseURL); // the redirect was followed; this is the form with the set in it
        return;
      }
      over();
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      complain(answer.querySelector("main [data-problem]:not([hidden])")?.textContent.trim() || `${request.status}`);
    });
    request.addEventListener("error", () => {
      over();
      form.submit(); // the browser shows its own page about the connection
    });
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
  window.addEventListener("pageshow", show);
}
