/** How a message's text is shown: mentions, phones, ticket numbers, commands to fill in, diffs and code blocks. */

import { h } from "/local/static/dom.js";
import { model } from "/local/static/model.js";
import { t } from "/local/static/words.js";

const SENT = /^(?:　| {2})(?=[!-~])/; // a line that a server gets, as the messages about a run indent it
const REMOVED = /^[\s　]*-[\s　]/;
const ADDED = /^[\s　]*\+[\s　]/;
const FENCE = /^```/;
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const ADDRESS = String.raw`https?://[^\s<>"'“”‘’…\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+`; // Chinese goes on right behind it

const PATTERNS = {
  link: `(?!${ADDRESS}…)${ADDRESS}(?<![.,;:!?])`, // one that was cut short leads nowhere
  phone: String.raw`(?<!\d)1\d{10}(?!\d)`,
  code: String.raw`\bGD-\d{8}-\d{3,}\b|\bR\d+\b`,
  address: String.raw`\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b`,
};

const MAKE = {
  link: (text) => h("a", { href: text, target: "_blank", rel: "noopener noreferrer" }, text),
  phone: (text) => h("a", { class: "phone", href: `tel:${text}` }, text),
  code: (text) => h("span", { class: "number" }, text),
  address: (text) => h("span", { class: "code" }, text),
  command: (text, { user }) => user !== "bot" ? h("span", { class: "code" }, text) : h("button", { class: "fill", type: "button", data: { fill: text }, title: t("fill", { command: text }) }, text),
};

/** The commands that the reader may give, with their words. */
function commandPattern() {
  const verbs = model.commands.map((command) => command.verb).sort((a, b) => b.length - a.length);
  return String.raw`(?<![\w/.:])\/(?:${verbs.join("|")})(?![\w/.-])(?: [A-Za-z0-9.:_-]+)*`;
}

/** The mentions of a message as text: the people it names for real, whichever way it writes them. */
function mentionPattern(message) {
  const names = message.mentions.map((id) => model.name(id)).filter(Boolean);
  return names.length ? names.map((name) => `@${escape(name)}`).join("|") : "(?!)";
}

function inline(line, message) {
  const source = [["mention", mentionPattern(message)], ...Object.entries(PATTERNS), ["command", commandPattern()]].map(([kind, pattern]) => `(?<${kind}>${pattern})`);
  const parts = [];
  let end = 0;
  for (const match of line.matchAll(new RegExp(source.join("|"), "g"))) {
    const [kind, text] = Object.entries(match.groups).find(([, value]) => value !== undefined);
    parts.push(line.slice(end, match.index), kind === "mention" ? mention(text, message) : MAKE[kind](text, message));
    end = match.index + text.length;
  }
  return [...parts, line.slice(end)];
}

function mention(text, message) {
  const person = message.mentions.find((id) => `@${model.name(id)}` === text);
  const own = person === model.me;
  return h("button", { class: own ? "mention own" : "mention", type: "button", data: { person }, title: t("becoming", { name: model.name(person) }) }, text);
}

/** Lines of one kind together, so that a diff or a block of output is one box: [kind, lines] each. */
function blocks(message) {
  const lines = message.text.split("\n");
  const run = message.user === "bot" && /\bR\d+\b/.test(lines[0]);
  const diff = message.user === "bot" && lines.some((line) => REMOVED.test(line)) && lines.some((line) => ADDED.test(line));
  const found = [];
  let fenced = false;
  for (const line of lines) {
    if (FENCE.test(line)) {
      fenced = !fenced;
      if (fenced) found.push(["output", []]);
      continue;
    }
    const kind = fenced ? "output" : diff && (REMOVED.test(line) || ADDED.test(line)) ? "diff" : run && SENT.test(line) ? "sent" : "words";
    if (found.at(-1)?.[0] !== kind) found.push([kind, []]);
    found.at(-1)[1].push(line);
  }
  return found;
}

function diffLine(line) {
  const kind = REMOVED.test(line) ? "removed" : "added";
  return h("span", { class: kind }, line.replace(/^[\s　]+/, ""));
}

/** The words of a command: lines break between them, and within one only where it is longer than a line. */
function words(line) {
  return line.split(/(?<= )(?=[^ ])/).map((word) => h("span", {}, word));
}

/** The text of a message as elements; the first line of a card stands out as its heading. */
export function textOf(message) {
  const heading = message.user === "bot" && Boolean(message.card?.tone);
  return blocks(message).flatMap(([kind, lines], block) => {
    if (kind === "diff") return h("pre", { class: "diff", tabindex: "0", "aria-label": t("changed") }, lines.map(diffLine));
    if (kind === "output") return h("pre", { class: "output", tabindex: "0", "aria-label": t("output") }, lines.join("\n"));
    if (kind === "sent") return lines.map((line) => h("p", { class: "sent" }, words(line.replace(SENT, ""))));
    return lines.map((line, index) =>
      h("p", { class: heading && block + index === 0 ? "headline" : false }, line ? inline(line, message) : h("br")));
  });
}
