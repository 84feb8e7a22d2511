// form[data-auto-submit] is sent when one of its selects or boxes changes.
//
// Arrow keys choose each entry of a closed select in turn: sent at every step, nobody would reach the third one. So by keys it
// is sent once the select is left, or on Enter. The page that answers begins without focus; who works by keys gets it back.

const FORM = "form[data-auto-submit]";
const PLACE = "focus-after-filter";
const STEP = /^(Arrow.*|Home|End|Page.*|[^ ])$/; // keys that choose an entry of a closed select
let byKeys = false;
let stepping = false;
let chosen = null; // by keys, and not sent yet

const named = (element) => {
  if (element?.id) return `#${CSS.escape(element.id)}`;
  return element?.name ? `${FORM} [name="${CSS.escape(element.name)}"]` : "";
};
const send = (form, next) => {
  if (byKeys && next) {
    try {
      sessionStorage.setItem(PLACE, JSON.stringify({ page: location.pathname, at: Date.now(), next }));
    } catch {
      // Nothing may be kept in this browser: the page begins at its top.
    }
  }
  form.requestSubmit();
};
const sendChosen = (next) => {
  const form = chosen.form;
  chosen = null;
  if (form) send(form, next);
};

document.addEventListener("pointerdown", () => (byKeys = stepping = false));
document.addEventListener("keydown", (event) => {
  byKeys = true;
  stepping = STEP.test(event.key);
  if (event.key !== "Enter" || !chosen || chosen !== event.target) return;
  event.preventDefault();
  sendChosen(named(chosen));
});
document.addEventListener("focusout", (event) => {
  if (chosen && chosen === event.target) sendChosen(named(event.relatedTarget) || named(chosen));
});
document.addEventListener("change", (event) => {
  const form = event.target.closest(FORM);
  if (!form || !event.target.matches("select, input[type=checkbox], input[type=radio]")) return;
  if (stepping && event.target.matches("select")) chosen = event.target;
  else send(form, named(event.target));
});

try {
  const kept = JSON.parse(sessionStorage.getItem(PLACE));
  sessionStorage.removeItem(PLACE);
  if (kept?.page === location.pathname && Date.now() - kept.at < 20_000) document.querySelector(kept.next)?.focus();
} catch {
  // As above.
}
