// Until app.js is there, nothing that asks first may be sent: it is held back and asked then.
(() => {
  "use strict";
  let held = null;
  const hold = (event) => {
    if (!event.submitter?.dataset.confirm && !event.target.dataset.confirm) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    held = [event.target, event.submitter];
  };
  document.addEventListener("submit", hold, true);
  document.addEventListener("app-ready", () => {
    document.removeEventListener("submit", hold, true);
    if (held) held[0].requestSubmit(held[1]);
  });
})();
