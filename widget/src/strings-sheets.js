/**
 * The words of the sheets that few families open, loaded with them: another language is another
 * such table, beside `strings.js`.
 */
const en = {
  survey: {
    title: "How did it go?",
    bot: "How helpful was the chatbot?",
    specialist: "How helpful was the specialist?",
    scale: ["Not at all", "A little", "Somewhat", "Very", "Extremely"],
    comment: "Anything you want to add? (optional)",
    submit: "Send",
    skip: "Not now",
    thanks: "Thank you. Your answer helps us to help other families.",
    choose: "Please choose an answer first.",
    failed: "That could not be sent. Please try again.",
  },
  keep: {
    title: "Save this chat",
    text: "Keep a copy of everything said here, with the sources. A copy stays readable after the chat is deleted.",
    txt: "As a text file",
    html: "As a web page",
    fileName: "support-chat",
    email: "Or have it sent to this email address",
    send: "Send by email",
    sending: "Sending …",
    sent: "It is on its way. Mail is not private on a shared computer.",
    check: "Check the email address. It looks like name@example.org.",
    failed: "That did not work. Please try again.",
  },
  print: {
    title: "Your support chat",
    printed: (/** @type {string} */ date) => `Printed on ${date}`,
    sources: "Where this comes from:",
  },
  device: {
    title: "Continue on another device",
    text: "Make a link, and open it on the other device. It works once. The chat then opens there and closes here.",
    make: "Make a link",
    label: "Your link",
    copy: "Copy the link",
    copied: "Copied.",
    until: (/** @type {string} */ when) => `It works once, until ${when}.`,
    care: "Whoever has the link can read this chat. Give it to nobody.",
    gone: "This chat can no longer be opened here. If the link was used, it goes on there.",
    failed: "The link could not be made. Please try again.",
  },
  resume: {
    title: "Go on with your chat here?",
    text: "Your chat opens here and closes on the other device.",
    other: "The chat that is in this browser now is put away.",
    go: "Open my chat here",
    spent: "This link was used already, or it is too old. Make a new one on the other device, or start a new chat here.",
    unknown: "This link is not complete, or it is not one of ours. Start a new chat here, and we will help you.",
    failed: "Your chat could not be opened. Your link is still good. Please try again.",
    afresh: "Start a new chat",
  },
};

export const sheetStrings = en;
