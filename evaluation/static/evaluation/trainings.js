// Pages of trainings: the form marks what differs from its default, the losses are drawn and followed, and the held-out
// faces move through the checkpoints.

// --- form: a changed option is marked as soon as it changes ---------------------------------------------------------
document.addEventListener("input", (event) => {
  const option = event.target.closest("[data-option]");
  if (!option) return;
  const field = option.querySelector("input:not([type=hidden]), select");
  const value = field.type === "checkbox" ? String(field.checked) : field.value.trim();
  const same = value === option.dataset.default || (value !== "" && Number(value) === Number(option.dataset.default));
  option.classList.toggle("is-changed", !same);
  // What was said of the old value; the new one is judged when it is sent.
  field.classList.remove("is-invalid");
  option.querySelector(".invalid-feedback")?.remove();
});

// --- losses ---------------------------------------------------------------------------------------------------------
const MOST_POINTS = 4000; // beyond that the whole is fetched again, thinned by the server
const POLL_MS = 3000;

if (typeof charts !== "undefined") {
  charts.kind("losses", (data, look, element) => {
    const logarithmic = element.dataset.scale === "log";
    const names = Object.keys(data.losses);
    const shown = (value) => (logarithmic && value !== null && value <= 0 ? null : value);
    return {
      legend: { data: names },
      tooltip: {
        trigger: "axis",
        formatter: (points) => {
          const index = points[0].dataIndex;
          const lines = points.map((point) => `${point.seriesName}  ${Number(point.value[1]).toPrecision(4)}`);
          return [
            `${element.dataset.stepLabel} ${data.step[index]} · ${element.dataset.epochLabel} ${data.epoch[index]}`,
            ...lines,
          ].join("\n");
        },
      },
      xAxis: { type: "value", name: element.dataset.stepLabel, nameLocation: "middle", nameGap: 26, min: "dataMin", max: "dataMax" },
      yAxis: { type: logarithmic ? "log" : "value", scale: true },
      dataZoom: [{ type: "inside", filterMode: "none", zoomOnMouseWheel: "ctrl" }],
      series: names.map((name) => ({
        name,
        type: "line",
        showSymbol: data.step.length < 3,
        lineStyle: { width: 1.5 },
        animation: false,
        data: data.step.map((step, index) => [step, shown(data.losses[name][index] ?? null)]),
      })),
    };
  });
}

const append = (data, more) => {
  for (const name of new Set([...Object.keys(data.losses), ...Object.keys(more.losses)])) {
    const empty = (points) => points.map(() => null);
    data.losses[name] = [...(data.losses[name] ?? empty(data.step)), ...(more.losses[name] ?? empty(more.step))];
  }
  data.step = [...data.step, ...more.step];
  data.epoch = [...data.epoch, ...more.epoch];
};

const followLosses = (element) => {
  let data = null;
  const ask = async () => {
    if (!document.hidden) {
      const last = data?.step.at(-1);
      const whole = last === undefined || data.step.length > MOST_POINTS;
      const answer = await fetch(element.dataset.lossesUrl + (whole ? "" : `?after=${last}`)).catch(() => null);
      if (answer?.ok) {
        const more = await answer.json();
        if (whole) data = more;
        else append(data, more);
        if (whole || more.step.length) charts.show(element, data);
        if (!["queued", "running"].includes(more.state)) return;
      }
    }
    setTimeout(ask, POLL_MS);
  };
  ask();
};

document.addEventListener("DOMContentLoaded", () => {
  const element = document.querySelector("[data-losses-url]");
  if (element) followLosses(element);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-scale][role=button]");
  const element = document.querySelector("[data-chart=losses]");
  if (!button || !element) return;
  event.preventDefault();
  element.dataset.scale = button.dataset.scale;
  charts.repaint(element);
  for (const one of document.querySelectorAll("[data-scale][role=button]")) {
    one.classList.toggle("active", one === button);
    one.setAttribute("aria-pressed", String(one === button));
  }
  inAddress("scale", button.dataset.scale === "log" ? "log" : "");
});

const inAddress = (name, value) => {
  const address = new URL(window.location.href);
  if (value) address.searchParams.set(name, value);
  else address.searchParams.delete(name);
  window.history.replaceState(null, "", address);
};

// --- held-out faces through time ------------------------------------------------------------------------------------
const timeline = () => JSON.parse(document.getElementById("samples-timeline")?.textContent ?? "[]");
let chosen = null; // id of the checkpoint that is shown; null: the newest, also when another one comes

const showCheckpoint = (index) => {
  const part = document.querySelector("[data-samples]");
  const all = timeline();
  const place = Math.min(Math.max(index, 0), all.length - 1);
  const one = all[place];
  if (!part || !one) return;
  for (const image of part.querySelectorAll("[data-sample]")) image.src = one.samples + image.dataset.sample;
  const range = part.querySelector("[data-samples-range]");
  if (range) {
    range.value = place;
    const text = `${range.dataset.text} ${one.epoch}`;
    range.setAttribute("aria-valuetext", text);
    part.querySelector("[data-samples-epoch]").textContent = text;
  }
  for (const row of document.querySelectorAll("[data-checkpoint]")) {
    row.classList.toggle("is-chosen", row.dataset.checkpoint === one.id);
  }
  chosen = place === all.length - 1 ? null : one.id;
  inAddress("checkpoint", chosen ?? "");
  for (const next of [place - 1, place + 1]) {
    // The neighbours are at hand before they are asked for, so that moving on does not flicker.
    if (all[next]) part.querySelectorAll("[data-sample]").forEach((image) => (new Image().src = all[next].samples + image.dataset.sample));
  }
};

const placeNow = () => Number(document.querySelector("[data-samples-range]")?.value ?? 0);

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-samples-range]")) showCheckpoint(Number(event.target.value));
});

document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-samples-step]");
  const show = event.target.closest("[data-samples-show]");
  if (step) showCheckpoint(placeNow() + Number(step.dataset.samplesStep));
  else if (show) showCheckpoint(timeline().findIndex((one) => one.id === show.dataset.samplesShow));
  else return;
  event.preventDefault();
  if (show) document.getElementById("samples")?.scrollIntoView({ block: "nearest" });
});

document.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -1, ArrowRight: 1 };
  if (!(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.matches("input, select, textarea, pre, summary")) return;
  if (!document.querySelector("[data-samples-range]")) return;
  event.preventDefault();
  showCheckpoint(placeNow() + steps[event.key]);
});

document.addEventListener("DOMContentLoaded", () => {
  chosen = new URL(window.location.href).searchParams.get("checkpoint");
});

// A new checkpoint came: stay with the one that was looked at, or go to the newest.
document.addEventListener("htmx:load", (event) => {
  if (event.target.id !== "training-samples" || chosen === null) return;
  const place = timeline().findIndex((one) => one.id === chosen);
  if (place >= 0) showCheckpoint(place);
});
