/** Phones keep dead connections open: ask by number now and then, though all seems well. */
const CHECK_EVERY_MS = 60_000;

/**
 * Tells when the page comes back into view or into the network, and ticks slowly while it is seen.
 *
 * @param {{onBack: () => void, onTick: () => void}} handlers
 * @param {AbortSignal} signal ends it.
 */
export function watchBrowser({ onBack, onTick }, signal) {
  const isHidden = () => document.visibilityState === "hidden";
  addEventListener("online", onBack, { signal });
  addEventListener("pageshow", (event) => event.persisted && onBack(), { signal });
  document.addEventListener("visibilitychange", () => !isHidden() && onBack(), { signal });
  const timer = setInterval(() => !isHidden() && onTick(), CHECK_EVERY_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
}
