// Signing out forgets what was typed and not sent, and which alerts were heard: computers are
// shared. Whoever holds conversations is asked first, where the page has a sheet for that.

const form = document.querySelector("[data-sign-out]");
const question = document.querySelector('[data-dialog="sign-out"]');
let isSure = false;

form?.addEventListener("submit", (event) => {
  const counted = Number(document.querySelector("[data-held-shown]")?.textContent ?? 0);
  // The count comes with the list; whoever has a box to reply in holds one for certain.
  const held = counted || Number(document.querySelector("[data-composer]") !== null);
  if (question && held && !isSure) {
    event.preventDefault();
    question.querySelector("[data-held-asked]").textContent = held === 1 ? "one conversation" : `${held} conversations`;
    question.returnValue = "";
    question.showModal();
    return;
  }
  isSure = false;
  const own = `draft:${document.body.dataset.account}:`;
  for (const name of Object.keys(localStorage)) if (name.startsWith(own)) localStorage.removeItem(name);
  sessionStorage.clear();
});

question?.addEventListener("close", () => {
  isSure = question.returnValue === "sign out";
  if (isSure) form.requestSubmit();
});
