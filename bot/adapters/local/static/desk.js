/** The board at the side: which clocks run, what waits for a confirmation, what was answered and is not over, who is on duty. */

import { chatName, running, subject } from "/local/static/chats.js";
import { clock, hourMinute } from "/local/static/clock.js";
import { avatar, byId, h, reconcile } from "/local/static/dom.js";
import { model } from "/local/static/model.js";
import { about } from "/local/static/people.js";
import { language, t } from "/local/static/words.js";

/** Draws the board anew where something on it changed. */
export function renderDesk() {
  const clocks = waitingClocks();
  const asks = waitingAsks();
  const answered = answeredTickets();
  const duty = [...model.people.values()].filter((person) => person.on_duty.length);
  const key = (list) => JSON.stringify([list, language(), model.me]);
  reconcile(byId("desk"), [
    ["clocks", key(clocks), () => part(t("running"), clocks.length, clocks.length ? clocks.map(clockItem) : [h("p", { class: "calm" }, t("calm"))])],
    ["asks", key(asks), () => (asks.length ? part(t("asking"), asks.length, asks.map(askItem)) : h("section", { hidden: true }))],
    ["answered", key(answered), () => (answered.length ? part(t("answered"), answered.length, answered.map(clockItem)) : h("section", { hidden: true }))],
    ["duty", key([duty, [...model.posts]]), () => part(t("onDutyNow"), null, posts(duty))],
  ]);
}

/** One clock for each ticket, over all chats one sees; the group's card goes before the direct one. */
function waitingClocks() {
  const found = new Map();
  for (const chat of model.mine()) for (const message of running(chat)) found.set(subject(message), message);
  return [...found.values()].sort((a, b) => Date.parse(a.card.countdown.due) - Date.parse(b.card.countdown.due));
}

/** Tickets whose clock has stopped and that are not over: their cards show how long the answer took; the last answered first. */
function answeredTickets() {
  const found = new Map();
  for (const chat of model.mine()) {
    for (const message of model.messages(chat)) if (message.card?.countdown?.ended) found.set(subject(message), message);
  }
  return [...found.values()].sort((a, b) => Date.parse(b.card.countdown.ended) - Date.parse(a.card.countdown.ended));
}

function waitingAsks() {
  const found = new Map();
  for (const chat of model.mine()) {
    for (const message of model.messages(chat)) if (message.card?.tone === "ask" && message.buttons.length) found.set(subject(message), message);
  }
  return [...found.values()];
}

const part = (title, count, items) =>
  h("section", {}, h("h2", {}, title, count ? h("span", { class: "count" }, String(count)) : null), items);

const headline = (message) => message.text.split("\n")[0];

function item(message, tail) {
  return h("a", { class: "waiting", href: `#${message.chat}`, data: { chat: message.chat, jump: message.id, tone: message.card.tone } },
    h("span", { class: "chatline" }, h("b", {}, chatName(message.chat)), tail), h("span", { class: "snippet" }, headline(message)));
}

const clockItem = (message) => item(message, clock(message.card.countdown, { chip: true }));
const askItem = (message) => item(message, h("time", {}, hourMinute(message.time)));

/** Post by post, in the directory's order, who is there; posts with the same crew together. */
function posts(duty) {
  const crews = new Map();
  for (const post of new Set([...model.posts.keys(), ...duty.flatMap((person) => person.on_duty)])) {
    const people = model.onDuty(post);
    const key = people.map((person) => person.id).join();
    if (people.length) crews.set(key, { people, names: [...(crews.get(key)?.names ?? []), model.posts.get(post) ?? post] });
  }
  return [...crews.values()].map(({ people, names }) =>
    h("div", { class: "post" }, h("span", { class: "postname" }, names.map((name) => h("span", {}, name))),
      h("span", { class: "crew" }, people.map((person) =>
        h("button", { class: "crewmember", type: "button", data: { person: person.id }, title: t("becoming", { name: person.name }) },
          avatar(person.id, person.name), h("span", {}, h("b", {}, person.name), h("span", { class: "about" }, about(person))))))));
}
