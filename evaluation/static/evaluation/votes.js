// Voting by keys: data-vote-key="ArrowLeft" on a button presses it. A held key does not vote twice.

(() => {
  let sent = false;

  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.matches("input:not([type=hidden]), select, textarea")) return;
    const button = document.querySelector(`[data-vote-key="${CSS.escape(event.key)}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  document.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });

  // A page that the browser kept for going back may vote again.
  window.addEventListener("pageshow", () => {
    sent = false;
  });
})();
