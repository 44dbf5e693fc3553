// Signing out forgets what was typed and not sent, and which alerts were heard: computers are shared.
// The question before it does so once it is answered, since no page may come back.

function forget() {
  for (const name of Object.keys(localStorage)) if (name.startsWith("draft:")) localStorage.removeItem(name);
  sessionStorage.clear();
}

const question = document.querySelector("[data-sign-out]");
if (question) question.addEventListener("submit", forget); else forget();
