/** The open chat: its messages with days and what is new, and where the reader stands in them. */

import { chatName, running } from "/local/static/chats.js";
import { clock, day, dayKey } from "/local/static/clock.js";
import { byId, h, reconcile } from "/local/static/dom.js";
import { messageElement, pendingElement } from "/local/static/message.js";
import { model } from "/local/static/model.js";
import { markRead, unread } from "/local/static/reading.js";
import { language, t } from "/local/static/words.js";

const TOGETHER = 5 * 60_000;
const NEAR = 80;
const PAGE = 200;
const NONE = { count: 0 };
let shown = null;
let firstNew = null;
let following = true;
let limit = PAGE;

const scroll = () => byId("scroll");
const atEnd = () => scroll().scrollHeight - scroll().scrollTop - scroll().clientHeight < NEAR;
const watched = () => document.visibilityState === "visible" && (document.body.dataset.view === "chat" || matchMedia("(min-width: 720px)").matches);

export function renderConversation({ onProblem }) {
  const view = `${model.me} ${model.chat}`;
  const opened = view !== shown;
  if (opened) {
    shown = view;
    firstNew = unread(model.chat).first;
    following = true;
    limit = PAGE;
  }
  renderHead();
  reconcile(byId("messages"), [...rows(onProblem)]);
  if (following) toEnd();
  else byId("newer").hidden = unread(model.chat).count === 0;
  if (following && watched()) markRead(model.chat);
}

function renderHead() {
  const { chat } = model;
  const post = model.chats.get(chat)?.post;
  const crew = post ? model.onDuty(post).map((person) => person.name).join(t("and")) || t("noOne") : "";
  const where = chat.startsWith("dm-") ? t("directAbout") : post ? `${model.posts.get(post) ?? post} · ${t("onDuty")} ${crew}` : "";
  byId("chatname").textContent = chatName(chat);
  byId("chatabout").textContent = where;
  byId("chatabout").hidden = !where;
  const clocks = running(chat).slice(0, 3);
  reconcile(byId("chatclocks"), clocks.map((message) => {
    const { countdown } = message.card;
    return [message.id, JSON.stringify([countdown, language()]), () => clock(countdown, { chip: true })];
  }));
}

function* rows(onProblem) {
  const all = model.messages(model.chat);
  const messages = all.slice(-limit);
  const pending = model.pending(model.chat);
  if (!messages.length && !pending.length) {
    const words = t(model.chat.startsWith("dm-") ? "emptyDirect" : "empty");
    yield ["empty", words, () => h("p", { class: "empty" }, words)];
  }
  if (all.length > limit) yield ["older", language(), () => h("button", { class: "older link", type: "button", onclick: showOlder }, t("older"))];
  const replies = repliesTo(all);
  let before = null;
  for (const message of messages) {
    const newDay = !before || dayKey(before.time) !== dayKey(message.time);
    if (newDay) yield [`day ${dayKey(message.time)}`, day(message.time), () => h("p", { class: "divider" }, h("span", {}, day(message.time)))];
    const fresh = message.id === firstNew && before;
    if (fresh) yield ["new", language(), () => h("p", { class: "divider fresh" }, h("span", {}, t("earlier")))];
    const follows = !newDay && !fresh && before.user === message.user && message.time - before.time < TOGETHER && !message.reply_to && message.user !== "bot";
    const answers = replies.get(message.id) ?? NONE;
    const quoted = message.reply_to && model.message(model.chat, message.reply_to)?.text;
    const signature = JSON.stringify([message, quoted, answers, follows, model.me, model.offeredTo, language()]);
    yield [`${model.chat} ${message.id}`, signature, () => messageElement(message, { follows, answers, onProblem })];
    before = message;
  }
  for (const message of pending) yield [`pending ${message.id}`, JSON.stringify([message, language()]), () => pendingElement(message)];
}

/** How often a message was answered and by which message last; not for the one answer that stands right below. */
function repliesTo(messages) {
  const found = new Map();
  messages.forEach(({ id, reply_to: to, time }, place) => {
    const before = found.get(to) ?? NONE;
    const below = before === NONE && messages[place - 1]?.id === to;
    if (to) found.set(to, { count: before.count + 1, last: id, time, below });
  });
  return new Map([...found].filter(([, { below }]) => !below));
}

/** One more page of what was said before, without moving what is being read. */
function showOlder() {
  const fromEnd = scroll().scrollHeight - scroll().scrollTop;
  limit += PAGE;
  following = false;
  model.addEventListener("change", () => { scroll().scrollTop = scroll().scrollHeight - fromEnd; }, { once: true });
  model.changed();
}

export function toEnd() {
  following = true;
  byId("newer").hidden = true;
  scroll().scrollTop = scroll().scrollHeight;
}

/** Goes to a message and lets it light up once; false while it is still to be drawn, being too far back. */
export function jumpTo(id) {
  const element = byId(`m-${id}`);
  if (!element && limit < Infinity && model.message(model.chat, id)) {
    limit = Infinity;
    model.changed();
    return false;
  }
  if (!element) return true;
  following = false;
  element.scrollIntoView({ block: "center" });
  element.classList.remove("lit");
  requestAnimationFrame(() => element.classList.add("lit"));
  return true;
}

export function watchScrolling() {
  scroll().addEventListener("scroll", () => {
    const end = atEnd();
    if (end === following) return;
    following = end;
    if (end) model.changed();
  }, { passive: true });
  new ResizeObserver(() => following && toEnd()).observe(byId("messages"));
  new ResizeObserver(() => following && toEnd()).observe(scroll());
  document.addEventListener("visibilitychange", () => model.changed());
  byId("newer").addEventListener("click", () => {
    toEnd();
    model.changed();
  });
}
