// Progressive enhancement: every page works without this file. No other library is needed but htmx.
"use strict";

const root = document.documentElement;

function cookie(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=34560000; SameSite=Lax${secure}`;
}

// -- light and dark
const THEMES = ["auto", "light", "dark"];
function nextTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const shown = root.dataset.theme === "auto" ? (dark ? "dark" : "light") : root.dataset.theme;
  root.dataset.theme = shown === "dark" ? "light" : "dark";
  cookie("theme", root.dataset.theme);
}

const ACTIONS = { theme: nextTheme };
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button && ACTIONS[button.dataset.do]) ACTIONS[button.dataset.do](button);
});
for (const button of document.querySelectorAll("[data-do]")) button.hidden = !ACTIONS[button.dataset.do];
