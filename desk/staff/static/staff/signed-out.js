// Signing out forgets what was typed and not sent, and which alerts were heard: computers are shared.

for (const name of Object.keys(localStorage)) if (name.startsWith("draft:")) localStorage.removeItem(name);
sessionStorage.clear();
