// Light or dark, decided before the page is painted: this script stands in <head> without defer, so nothing flashes.
// The choice ("auto", "light", "dark") is kept in the browser only.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  root.classList.add("js");

  const stored = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage may be forbidden: then the system decides
    }
  };

  const paint = (theme) => {
    root.dataset.bsTheme = theme;
    root.classList.toggle("dark-mode", theme === "dark"); // the name that Swagger UI listens to
  };

  const apply = () => {
    const choice = ["light", "dark"].includes(stored()) ? stored() : "auto";
    paint(choice === "auto" ? (dark.matches ? "dark" : "light") : choice);
    document.querySelectorAll("[data-theme-choice]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    });
    document.dispatchEvent(new CustomEvent("themechange", { detail: root.dataset.bsTheme })); // charts redraw on it
  };

  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("storage", apply); // another tab chose
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    try {
      localStorage.setItem("theme", button.dataset.themeChoice);
    } catch {
      if (button.dataset.themeChoice !== "auto") paint(button.dataset.themeChoice);
      return;
    }
    apply();
  });
})();
