/** The list of chats: what was said last, what is unread, and which SLA clocks run where. */

import { clock, hourMinute } from "/local/static/clock.js";
import { byId, h, reconcile } from "/local/static/dom.js";
import { model } from "/local/static/model.js";
import { nameOf } from "/local/static/message.js";
import { unread } from "/local/static/reading.js";
import { language, t } from "/local/static/words.js";

/** The name of a chat; a direct chat is the bot's. */
export const chatName = (chat) => (chat.startsWith("dm-") ? t("bot") : (model.chats.get(chat)?.name ?? chat));

/** The messages of a chat whose clock runs, the nearest due first, one for each ticket. */
export function running(chat) {
  const open = model.messages(chat).filter((message) => message.card?.countdown && !message.card.countdown.ended);
  const tickets = new Map(open.map((message) => [subject(message), message]));
  return [...tickets.values()].sort((a, b) => Date.parse(a.card.countdown.due) - Date.parse(b.card.countdown.due));
}

/** What a card is about: its ticket or run, otherwise itself. */
export const subject = (message) => /GD-\d{8}-\d{3,}|\bR\d+\b/.exec(message.text)?.[0] ?? message.id;

/** The heading a chat stands under: its region; nothing for the direct chat and the duty room. */
function section(chat) {
  const known = model.chats.get(chat);
  if (!known?.post) return "";
  return known.region ? (model.regions.get(known.region) ?? known.region) : t("groups");
}

export function renderChats() {
  const sections = new Map();
  for (const chat of model.mine()) sections.set(section(chat), [...(sections.get(section(chat)) ?? []), chat]);
  const wanted = [...sections].flatMap(([title, chats]) => [
    ...(title ? [[`heading ${title}`, title, () => h("h2", {}, title)]] : []),
    ...chats.map((chat) => [chat, signature(chat), () => row(chat)]),
  ]);
  reconcile(byId("chats"), wanted);
}

function signature(chat) {
  const last = model.messages(chat).at(-1);
  const { count, mentions } = unread(chat);
  const clocks = running(chat).map((message) => message.card.countdown.due);
  return JSON.stringify([model.me, model.chat === chat, last?.id, last?.text, count, mentions, clocks, language()]);
}

function row(chat) {
  const last = model.messages(chat).at(-1);
  const { count, mentions } = unread(chat);
  const [first] = running(chat);
  const current = model.chat === chat;
  const manual = model.chats.get(chat)?.reach === "manual";
  const badge = mentions
    ? h("span", { class: "badge", "aria-label": t("mentioned", { count: mentions }) }, chat.startsWith("dm-") ? String(mentions) : `@${mentions}`)
    : count ? h("span", { class: "badge plainbadge", "aria-label": t("unread", { count }) }, String(count)) : null;
  return h("a", { class: current ? "chat current" : "chat", href: `#${chat}`, data: { chat }, "aria-current": current ? "page" : false },
    h("span", { class: "chatline" },
      h("b", {}, chatName(chat)),
      chat.startsWith("dm-") || manual ? h("span", { class: "tag" }, t(manual ? "manual" : "direct")) : null,
      first ? clock(first.card.countdown, { chip: true }) : last ? h("time", {}, hourMinute(last.time)) : null),
    h("span", { class: "chatline" },
      h("span", { class: last ? "snippet" : "snippet none" }, last ? `${speaker(last)}${snippet(last)}` : t(chat.startsWith("dm-") ? "quietDirect" : "quiet")),
      badge));
}

const speaker = ({ user, chat }) =>
  user === model.me ? `${t("you")}：` : user === "bot" && chat.startsWith("dm-") ? "" : `${nameOf(user)}：`;

const snippet = (message) => message.text.replace(/```/g, "").trim().split("\n")[0] || message.files.map((file) => file.name).join("、");
