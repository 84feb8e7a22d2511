// Shows how far a large upload is. Without this script the browser sends the form as usual.
for (const form of document.querySelectorAll("form[data-upload-progress]")) {
  const box = form.querySelector("[data-upload-state]");
  const bar = box.querySelector("progress");
  const text = box.querySelector("output");
  const mebibytes = (bytes) => (bytes / 1048576).toFixed(bytes < 10485760 ? 1 : 0);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    const request = new XMLHttpRequest();
    const begun = performance.now();
    box.hidden = false;
    button.disabled = true;
    request.upload.addEventListener("progress", (moved) => {
      if (!moved.lengthComputable) return;
      bar.max = moved.total;
      bar.value = moved.loaded;
      const seconds = ((performance.now() - begun) / 1000) * (moved.total / moved.loaded - 1);
      text.value = `${mebibytes(moved.loaded)} / ${mebibytes(moved.total)} MiB · ${Math.ceil(seconds)} s`;
    });
    request.addEventListener("load", () => {
      if (request.status < 400) {
        location.assign(request.responseURL); // the redirect was followed; this is the import's page
        return;
      }
      // The same page with the refusal in it: take its content over.
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      document.querySelector("main").replaceWith(answer.querySelector("main"));
      document.querySelector("main [role=alert]")?.scrollIntoView();
    });
    request.addEventListener("error", () => {
      box.hidden = true;
      button.disabled = false;
      form.submit(); // the browser shows its own page about the connection
    });
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
}
