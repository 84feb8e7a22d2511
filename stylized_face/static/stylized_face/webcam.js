// A photo by the device's camera: a live picture, one still of it, again or use it. What was taken goes to upload.js as a
// file; nothing leaves the page here. Where there is no camera, or no permission, the page says why.

const dialog = document.querySelector("[data-camera]");
const open = document.querySelector("[data-camera-open]");
const why = document.querySelector("[data-camera-why]");
const video = dialog.querySelector("[data-live]");
const still = dialog.querySelector("[data-still]");
const buttons = Object.fromEntries(["take", "use", "retake", "close"].map((name) => [name, dialog.querySelector(`[data-${name}]`)]));
let stream = null;

const say = (text) => {
  why.textContent = text;
  why.hidden = !text;
};

const stop = () => {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  video.srcObject = null;
};

// Either the live picture or the still is shown, with the buttons that belong to it.
const turn = (taken) => {
  video.hidden = buttons.take.hidden = taken;
  still.hidden = buttons.use.hidden = buttons.retake.hidden = !taken;
  (taken ? buttons.use : buttons.take).focus();
};

const reason = (error) => {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return why.dataset.textRefused;
  return error.name === "NotReadableError" ? why.dataset.textBusy : why.dataset.textNone;
};

const start = async () => {
  say("");
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 960 } },
      audio: false,
    });
  } catch (error) {
    say(reason(error));
    return;
  }
  video.srcObject = stream;
  if (!dialog.open) dialog.showModal();
  turn(false);
};

open.addEventListener("click", start);
buttons.take.addEventListener("click", () => {
  if (!video.videoWidth) return;
  still.width = video.videoWidth;
  still.height = video.videoHeight;
  still.getContext("2d").drawImage(video, 0, 0);
  turn(true);
});
buttons.retake.addEventListener("click", () => turn(false));
buttons.use.addEventListener("click", () => {
  still.toBlob(
    (blob) => {
      const file = new File([blob], "camera.jpg", { type: "image/jpeg" });
      document.dispatchEvent(new CustomEvent("photo-taken", { detail: file }));
      dialog.close();
    },
    "image/jpeg",
    0.95,
  );
});
buttons.close.addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => {
  stop();
  open.focus();
});
window.addEventListener("pagehide", stop);

const offer = async () => {
  if (!window.isSecureContext) {
    say(why.dataset.textInsecure);
    return;
  }
  if (!navigator.mediaDevices?.getUserMedia) {
    say(why.dataset.textNone);
    return;
  }
  const devices = await navigator.mediaDevices.enumerateDevices();
  if (devices.some((device) => device.kind === "videoinput")) open.hidden = false;
  else say(why.dataset.textNone);
};
offer();
