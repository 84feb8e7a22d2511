// Pages of faces. Two versions in the same place: data-flicker; keys of the pages.
//   hold the picture, the button or the space bar   shows the second version
//   data-flicker-play                               alternates, at the speed of data-flicker-speed (changes a second)
// Speeds end at five changes, two and a half flashes, a second: more than three are a danger to some people. Who asks for less
// motion sees nothing move before they press the button.

(() => {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  const start = (box) => {
    const find = (name) => box.querySelector(`[data-flicker-${name}]`);
    const [play, speed, number, hold, stage] = ["play", "speed", "number", "hold", "stage"].map(find);
    let timer = null;

    const show = (second) => box.classList.toggle("is-second", second);
    const say = () => {
      number.textContent = number.dataset.text.replace("{n}", Number(speed.value));
    };
    const stop = () => {
      clearInterval(timer);
      timer = null;
      show(false);
      play.textContent = play.dataset.textPlay;
      play.setAttribute("aria-pressed", "false");
    };
    const go = () => {
      clearInterval(timer);
      timer = setInterval(() => show(!box.classList.contains("is-second")), 1000 / Number(speed.value));
      play.textContent = play.dataset.textStop;
      play.setAttribute("aria-pressed", "true");
    };
    const held = (second) => {
      if (timer !== null) stop();
      show(second);
    };

    const asked = new URLSearchParams(window.location.search).get("speed");
    if (calm) speed.max = "1";
    if (asked) speed.value = asked;
    else if (calm) speed.value = "0.5";
    say();
    box.classList.add("is-ready");

    play.addEventListener("click", () => (timer === null ? go() : stop()));
    speed.addEventListener("input", () => {
      say();
      if (timer !== null) go();
      const address = new URL(window.location.href);
      address.searchParams.set("speed", speed.value);
      window.history.replaceState(null, "", address);
    });
    for (const target of [hold, stage]) {
      target.addEventListener("pointerdown", (event) => event.button === 0 && held(true));
      target.addEventListener("contextmenu", (event) => event.preventDefault());
    }
    for (const end of ["pointerup", "pointercancel"]) {
      window.addEventListener(end, () => timer === null && show(false));
    }
    const isHeldByKey = (event) =>
      (event.key === " " && !event.target.closest("a, button, input, select, textarea, summary")) ||
      ((event.key === " " || event.key === "Enter") && event.target === hold);
    window.addEventListener("keydown", (event) => {
      if (!isHeldByKey(event)) return;
      event.preventDefault();
      if (!event.repeat) held(true);
    });
    window.addEventListener("keyup", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      if (timer === null) show(false);
    });
    window.addEventListener("blur", () => timer === null && show(false));
    if (!calm) go();
  };

  document.querySelectorAll("[data-flicker]").forEach(start);

  const follow = (selector) => document.querySelector(selector)?.click();
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest("input, select, textarea, [data-arrow-keys]") && event.key.startsWith("Arrow")) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    const compared = document.querySelector("[data-flicker], .flicker-box") !== null;
    if (event.key === "n" || (compared && event.key === "ArrowRight")) follow("main a[rel=next]");
    if (event.key === "p" || (compared && event.key === "ArrowLeft")) follow("main a[rel=prev]");
  });
})();
