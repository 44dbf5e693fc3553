/**
 * All that is drawn once the chat is open, in this order: the panel and its parts around the
 * conversation; short windows; the conversation, with who said what and what nobody may overlook;
 * sheets laid over it. Said here, as the desk cuts no comment inside a template.
 *
 * A phone with its keyboard out, or a page at 400 %, scrolls it all rather than squeezing it. Where
 * there is room for it the box stays in view below, and what sending agrees to is on top.
 *
 * The button for new messages stands below the log, never over it: there may be a number to call.
 */
export const chatStyles = `
.panel {
  position: fixed; inset: auto 20px 20px auto; width: min(420px, calc(100vw - 40px));
  height: min(760px, calc(100dvh - 40px)); max-width: none; max-height: none; margin: 0; padding: 0;
  border: 1px solid var(--line); border-radius: 20px; background: var(--ground); color: var(--ink);
  box-shadow: var(--shadow); overflow: hidden; container-type: size; overscroll-behavior: contain;
}
.panel[open] { animation: rise .18s ease-out; }
.panel[data-full] {
  inset: var(--top, 0) 0 auto 0; width: 100%; height: var(--height, 100dvh); border: 0; border-radius: 0; box-shadow: none;
}
@keyframes rise { from { opacity: 0; transform: translateY(12px); } }
.frame { display: flex; flex-direction: column; height: 100%; }
.header { flex: none; background: var(--card); border-bottom: 1px solid var(--line); }
.head { display: flex; align-items: center; gap: 10px; padding: 12px 10px 12px 16px; }
.panel[data-full] .head { padding-top: max(12px, env(safe-area-inset-top)); }
.mark { display: grid; place-items: center; width: 40px; height: 40px; flex: none; border-radius: 50%; background: var(--brand-soft); color: var(--brand); }
.title { flex: 1; min-width: 0; }
h2 { margin: 0; font-size: 1.0625em; line-height: 1.25; font-weight: 700; outline: none; }
.presence { margin: 2px 0 0; font-size: .875em; line-height: 1.3; color: var(--muted); }
.head-button { display: grid; place-items: center; width: 44px; height: 44px; flex: none; border: 0; border-radius: 12px; background: none; color: var(--muted); }
.head-button .icon { stroke-width: 2.4; }
.menu-place .icon { stroke-width: 3.6; }
.emergency { display: flex; align-items: center; gap: 8px; margin: 0; padding: 4px 16px; background: var(--danger-soft); color: var(--on-danger-soft); font-size: .875em; }
.emergency a { display: inline-block; padding: .5em .15em; color: inherit; font-weight: 800; font-size: 1.1em; }
.closure { margin: 0; padding: 8px 16px; background: var(--specialist); border-block: 1px solid var(--specialist-line); font-size: .875em; white-space: pre-line; overflow-wrap: anywhere; max-height: 7.5em; overflow-y: auto; }
.offline { margin: 0; padding: 8px 16px; background: var(--warn); color: var(--on-warn); font-size: .875em; }
.menu-place { position: relative; }
.menu {
  position: absolute; inset: 48px 0 auto auto; z-index: 3; width: max-content; max-width: min(300px, 80vw); margin: 0;
  padding: 6px; list-style: none; background: var(--card); border: 1px solid var(--line); border-radius: 14px; box-shadow: var(--shadow);
}
.menu button { width: 100%; min-height: 44px; padding: 8px 14px; border: 0; border-radius: 9px; background: none; text-align: start; }
.foot { flex: none; padding: 10px 16px max(14px, env(safe-area-inset-bottom)); background: var(--card); border-top: 1px solid var(--line); }
.notice { margin: 0 0 10px; padding: 10px 12px; border-radius: 12px; background: var(--brand-soft); font-size: .9375em; }
.reload { margin: 0 0 10px; }
.consent { margin: 0 0 10px; padding: 10px 12px; border-radius: 12px; background: var(--ground); border: 1px solid var(--line); font-size: .8125em; line-height: 1.45; }
.consent p { margin: 0 0 .35em; }
.consent p:last-child { margin: 0; }
.consent .solid { margin-top: 8px; font-size: 1.15em; }
.person { margin: 0 0 8px; }
.write { display: flex; align-items: flex-end; gap: 8px; }
.write textarea {
  flex: 1; min-width: 0; max-height: 9.5em; border-radius: 16px; resize: none; field-sizing: content;
}
textarea, input:not([type="radio"]) {
  display: block; width: 100%; min-height: 48px; padding: 10px 14px; border: 1.5px solid var(--edge); border-radius: 12px; background: var(--card); font-size: max(16px, 1em); line-height: 1.5;
}
::placeholder { color: var(--muted); opacity: 1; }
.send { display: grid; place-items: center; min-width: 48px; height: 48px; flex: none; padding: 0; border: 2px solid transparent; border-radius: 16px; background: var(--solid); color: var(--on-solid); font-weight: 600; }
.send:hover { background: var(--solid-hover); }
.send.has-words { padding: 0 16px; max-width: 45%; line-height: 1.15; font-size: .9375em; }
.send.has-words .icon { display: none; }
.count { margin: 4px 0 0; font-size: .8125em; color: var(--muted); }
.count:empty, .field-error:empty, .problem:empty, .note:empty, .more:empty, .row:empty { display: none; }
.queue, .closing { margin: 0 0 10px; padding: 12px; border-radius: 14px; background: var(--brand-soft); font-size: .9375em; }
.closing { margin: 0; background: none; padding: 4px 0; }
.closing .small { margin: 10px 0 0; }
.queue p, .closing p { margin: 0 0 6px; }
.place { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; color: var(--brand); }
.place span { color: var(--ink); }
.row, .choices, .calls { display: flex; flex-wrap: wrap; gap: 8px; }
.quiet, .solid, .back, .person, .choice, .chosen, .new-messages {
  display: inline-flex; align-items: center; gap: .5em; min-height: 44px; padding: 6px 16px; border: 1.5px solid transparent;
  border-radius: 22px; font-weight: 600; font-size: .9375em; line-height: 1.3; text-align: start;
}
.quiet, .person, .choice { border-color: var(--brand); background: var(--card); color: var(--brand); }
.quiet { border-color: var(--edge); }
:is(.quiet, .person, .choice, .back, .head-button, .menu button):hover, .quiet[aria-pressed="true"] { background: var(--brand-soft); border-color: var(--brand); }
.solid, .new-messages { background: var(--solid); color: var(--on-solid); }
:is(.solid, .new-messages):hover { background: var(--solid-hover); }
.solid.danger { background: var(--danger); color: var(--on-danger); }
.solid:disabled { opacity: .6; cursor: progress; }
.small { font-size: .875em; color: var(--muted); }
@container (max-height: 460px) {
  .frame { overflow-y: auto; }
  .body { flex: none !important; height: max(55cqh, 9em); }
  .mark { display: none; }
  .head { padding: 4px 8px 4px 16px; }
}
@container (min-height: 300px) and (max-height: 460px) {
  .frame { scroll-padding-bottom: 80px; }
  .foot, .composer { display: contents; }
  .foot > *, .composer > * { flex: none; margin-inline: 16px; }
  .header, .alarm-place, .consent { order: -1; }
  .consent { margin-top: 10px; }
  .person { align-self: flex-start; margin-top: 10px; }
  .write { position: sticky; bottom: 0; z-index: 1; margin: 0; padding: 8px 16px max(8px, env(safe-area-inset-bottom)); background: var(--card); border-top: 1px solid var(--line); }
}
.body { display: flex; flex-direction: column; flex: 1; min-height: 0; }
.log { flex: 1; min-height: 0; padding: 16px; overflow-y: auto; overscroll-behavior: contain; scrollbar-gutter: stable; }
.log:focus-visible { outline-offset: -4px; }
.welcome { padding: 8px 0 16px; }
.welcome p { margin: 0 0 14px; }
.welcome .small { margin-bottom: 8px; }
.loading { color: var(--muted); }
.messages { display: flex; flex-direction: column; gap: 18px; margin: 0; padding: 0; list-style: none; }
.message { max-width: 92%; align-self: flex-start; overflow-wrap: anywhere; }
.from-visitor { align-self: flex-end; max-width: 85%; }
.byline { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .5em; margin: 0 0 4px; padding: 0 4px; font-size: .8125em; line-height: 1.4; color: var(--muted); }
.byline strong { color: var(--ink); }
.from-visitor .byline { justify-content: flex-end; }
.bubble { padding: 12px 14px; border: 1px solid var(--line); border-radius: 4px 18px 18px 18px; background: var(--card); }
.bubble p, .bubble ul { margin: 0 0 .65em; }
.bubble > :last-child, .bubble > :last-child > :last-child { margin-bottom: 0; }
.bubble ul { padding-inline-start: 1.2em; list-style: disc; }
.bubble li + li { margin-top: .25em; }
.bubble a[href^="tel:"] { white-space: nowrap; }
.bubble a { color: var(--link); text-underline-offset: .15em; }
.from-visitor .bubble { border-color: transparent; border-radius: 18px 4px 18px 18px; background: var(--visitor); color: var(--on-visitor); }
.from-specialist .bubble { background: var(--specialist); border-color: var(--specialist-line); }
.is-notice { align-self: center; max-width: 96%; }
.is-notice .byline { justify-content: center; }
.is-notice .bubble { border-style: dashed; border-radius: 14px; background: none; font-size: .9375em; }
.delivery { margin: 4px 4px 0; text-align: end; font-size: .8125em; color: var(--muted); }
.is-unsent > .row { justify-content: flex-end; margin-top: 6px; }
.is-unsent > .message { max-width: none; margin-top: 12px; }
.is-safety { align-self: stretch; max-width: none; }
.is-safety .bubble {
  padding: 16px; border: 2px solid var(--danger); border-inline-start-width: 8px; border-radius: 14px;
  background: var(--danger-soft); color: var(--on-danger-soft); font-size: 1.0625em;
}
.is-safety .bubble a:not(.call) { color: inherit; font-weight: 800; }
.bubble .alarm { display: flex; align-items: center; gap: .5em; font-size: 1.125em; }
.calls { margin-top: 12px; }
.bubble .call {
  display: inline-flex; align-items: center; justify-content: center; gap: .5em; flex: 1 1 auto; min-height: 52px; padding: 8px 18px;
  border-radius: 14px; border: 2px solid transparent; background: var(--danger); color: var(--on-danger); font-weight: 700; text-decoration: none;
}
.alarm-place { flex: none; max-height: 60%; padding: 12px 16px; overflow-y: auto; background: var(--ground); border-bottom: 1px solid var(--line); }
.alarm-place .quiet { margin-top: 12px; }
.review { display: flex; gap: .6em; padding: 9px 11px; border: 1px solid var(--warn-line); border-radius: 10px; background: var(--warn); color: var(--on-warn); font-size: .875em; line-height: 1.45; }
.review .icon { margin-top: .1em; }
.review.is-done { border-color: var(--line); background: var(--brand-soft); color: var(--ink); }
.bubble > div:not(:last-child) { margin-bottom: .2em; }
.bubble > div > .review { margin-bottom: 0; }
.sources { font-size: .875em; }
.sources summary { display: flex; align-items: center; min-height: 44px; margin: 0 -6px -8px; padding: 0 6px; border-radius: 10px; color: var(--link); font-weight: 600; cursor: pointer; list-style: none; }
.sources summary::after { content: ""; width: .5em; height: .5em; margin-inline-start: .6em; border: solid currentColor; border-width: 0 2px 2px 0; transform: translateY(-.15em) rotate(45deg); transition: transform .15s; }
.sources[open] summary::after { transform: translateY(.1em) rotate(225deg); }
.bubble .sources ul { margin: 8px 0 0; padding: 0; list-style: none; }
.sources li { padding: 10px 0; border-top: 1px solid var(--line); }
.sources cite { font-style: normal; font-weight: 600; }
.sources a { display: inline-block; }
.sources .about { display: block; color: var(--muted); }
.choices { margin-top: 10px; }
.chosen { margin: 0; background: var(--brand-soft); font-weight: 400; }
.chosen span { color: var(--muted); }
.feedback { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 8px; margin-top: 8px; padding: 0 4px; font-size: .875em; }
.feedback .question { color: var(--muted); }
.feedback .quiet { min-width: 56px; font-size: 1em; }
.feedback .note { flex-basis: 100%; margin: 0; color: var(--muted); }
.feedback .more { flex-basis: 100%; display: grid; gap: 8px; }
.typing { display: flex; align-items: center; gap: 10px; margin: 16px 0 0; color: var(--muted); font-size: .9375em; }
.dots { display: inline-flex; gap: 4px; padding: 12px 14px; border: 1px solid var(--line); border-radius: 4px 16px 16px 16px; background: var(--card); }
.dots i { width: 7px; height: 7px; border-radius: 50%; background: var(--muted); animation: breathe 1.2s infinite ease-in-out; }
.dots i:nth-child(2) { animation-delay: .2s; }
.dots i:nth-child(3) { animation-delay: .4s; }
@keyframes breathe { 0%, 70%, 100% { opacity: .35; } 35% { opacity: 1; } }
.new-messages { flex: none; align-self: center; margin: 6px 0; }
@media (prefers-reduced-motion: reduce) { .dots i { opacity: .7; } }
.sheet { flex: 1; min-height: 0; padding: 8px 20px 24px; overflow-y: auto; overscroll-behavior: contain; }
.back { margin: 0 0 4px -14px; background: none; color: var(--brand); }
.back .icon { transform: rotate(90deg); }
h3 { margin: 0 0 8px; font: 600 1.375em/1.25 Georgia, "Times New Roman", serif; color: var(--brand); outline: none; }
.sheet p { margin: 0 0 12px; }
.field { margin: 0 0 14px; }
.field label { display: block; margin-bottom: 4px; font-weight: 600; font-size: .9375em; }
[aria-invalid="true"] { border-color: var(--error) !important; border-width: 2px !important; }
.sheet .field-error { margin: 4px 0 0; font-size: .875em; }
.field-error, .is-over, .is-stuck { color: var(--error) !important; font-weight: 600; }
.sheet .problem { padding: 10px 12px; border-radius: 12px; background: var(--warn); color: var(--on-warn); }
fieldset { margin: 0 0 14px; padding: 0; border: 0; min-width: 0; }
legend { padding: 0; margin-bottom: 8px; font-size: .9375em; color: var(--muted); }
.scale legend { color: var(--ink); font-weight: 600; }
.scale label { display: flex; align-items: center; gap: .75em; min-height: 44px; padding: 4px 12px; border: 1px solid var(--line); background: var(--card); cursor: pointer; }
.scale label:first-of-type { border-radius: 12px 12px 0 0; }
.scale label:last-of-type { border-radius: 0 0 12px 12px; }
.scale label + label { border-top: 0; }
.scale label:hover, .scale label:has(:checked) { background: var(--brand-soft); }
.scale input { width: 20px; height: 20px; accent-color: var(--brand); }
.reference { padding: 14px; border-radius: 12px; background: var(--brand-soft); font-size: 1.25em; font-weight: 700; text-align: center; letter-spacing: .04em; user-select: all; }
`;
