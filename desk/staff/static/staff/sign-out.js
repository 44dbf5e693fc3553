// Signing out forgets what was typed and not sent, and which alerts were heard: computers are
// shared.

document.querySelector("[data-sign-out]")?.addEventListener("submit", () => {
  const own = `draft:${document.body.dataset.account}:`;
  for (const name of Object.keys(localStorage)) if (name.startsWith(own)) localStorage.removeItem(name);
  sessionStorage.clear();
});
