/**
 * Colours and the launcher: all that is drawn before the chat is opened.
 *
 * Every pair of text and ground is at least 4.5 to 1, in the light and in the dark; the browser
 * tests hold them to it. The dark colours are for the ward at night, beside a sleeping child.
 */
export const launcherStyles = `
:host {
  --ink: #22313a; --muted: #52616b; --ground: #fbf8f4; --card: #ffffff; --line: #e2d9cd;
  --edge: #857a6d; --brand: #0f5c66; --brand-soft: #e0efef; --solid: #0f5c66; --solid-hover: #0a454d;
  --on-solid: #ffffff; --link: #0b5d8f; --focus: #0b57d0; --visitor: #0f5c66; --on-visitor: #ffffff;
  --specialist: #fdf1e4; --specialist-line: #e3bf94; --warn: #fff5da; --warn-line: #e3c878;
  --on-warn: #574100; --danger: #a8201a; --danger-soft: #fdeeec; --on-danger-soft: #5e0f0b;
  --on-danger: #ffffff; --error: #a8201a; --shadow: 0 1px 2px rgb(34 49 58 / .12), 0 12px 40px rgb(34 49 58 / .22);
  position: fixed; z-index: 2147483000; inset: auto 0 0 auto; display: block;
  color: var(--ink); font: 400 16px/1.5 "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-size: max(16px, 1rem); text-align: start; letter-spacing: normal; color-scheme: light;
}
@media (prefers-color-scheme: dark) {
  :host {
    --ink: #e8eef0; --muted: #aebcc2; --ground: #151d21; --card: #1f292e; --line: #36444b;
    --edge: #85959d; --brand: #8fd6da; --brand-soft: #20393d; --solid: #17717b; --solid-hover: #1a7883;
    --on-solid: #ffffff; --link: #93cdf5; --focus: #a8c7fa; --visitor: #17616a; --on-visitor: #ffffff;
    --specialist: #372d20; --specialist-line: #6d5637; --warn: #362d13; --warn-line: #6e5b22;
    --on-warn: #f3dfa4; --danger: #c5302a; --danger-soft: #3a1715; --on-danger-soft: #ffdcd8;
    --on-danger: #ffffff; --error: #ffb4ab; --shadow: 0 1px 2px rgb(0 0 0 / .5), 0 12px 40px rgb(0 0 0 / .6);
    color-scheme: dark;
  }
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.unseen {
  position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; border: 0;
}
button, textarea, input { font: inherit; color: inherit; letter-spacing: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.icon { width: 1.25em; height: 1.25em; flex: none; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.launcher {
  position: fixed; inset: auto max(20px, env(safe-area-inset-right)) max(20px, env(safe-area-inset-bottom)) auto;
  display: inline-flex; align-items: center; gap: .6em; min-height: 56px; max-width: calc(100vw - 40px);
  padding: .5em 1.3em .5em 1.1em; border: 2px solid transparent; border-radius: 28px;
  background: var(--solid); color: var(--on-solid); font-weight: 600; box-shadow: var(--shadow);
  transition: background-color .15s, transform .15s;
}
.launcher:hover { background: var(--solid-hover); transform: translateY(-1px); }
.failed {
  position: fixed; inset: auto 20px 20px auto; max-width: min(320px, calc(100vw - 40px)); padding: 16px;
  border: 1px solid var(--line); border-radius: 20px; background: var(--card); box-shadow: var(--shadow);
}
.failed p { margin: 0 0 12px; }
.failed .launcher { position: static; min-height: 44px; box-shadow: none; }
.launcher .icon { width: 1.5em; height: 1.5em; }
.badge {
  min-width: 1.6em; padding: 0 .4em; border-radius: 1em; background: var(--on-solid); color: var(--danger);
  font-weight: 700; text-align: center;
}
@media (prefers-color-scheme: dark) { .badge { color: #a8201a; } }
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
}
@media print { :host { display: none; } }
`;
