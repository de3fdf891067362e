// Runs before the page is painted, so that it does not flash in the wrong colours.
(() => {
  const root = document.documentElement;
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
    if (localStorage.getItem("side") === "folded") root.dataset.side = "folded";
  } catch { /* storage may be switched off */ }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = chosen || (dark ? "dark" : "light");
  root.classList.add("js");
})();
