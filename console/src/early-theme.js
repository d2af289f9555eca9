// Runs before the first paint, so that no theme ever flashes: the remembered
// one, or the system's. A file of its own because the content policy forbids
// inline scripts.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("frontdesk.theme");
  } catch {
    // Storage is blocked: the system's preference applies.
  }
  const isDark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
})();
