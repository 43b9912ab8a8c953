/** One message as it stands in the conversation: who, what, quoted, with its card, buttons, clock and files. */

import * as api from "/local/static/api.js";
import { clock, hourMinute } from "/local/static/clock.js";
import { avatar, h, icon } from "/local/static/dom.js";
import { model } from "/local/static/model.js";
import { about } from "/local/static/people.js";
import { textOf } from "/local/static/text.js";
import { t } from "/local/static/words.js";

const IMAGE = /\.(png|jpe?g|gif|webp|avif)$/i;
const STYLES = new Set(["primary", "danger"]);

export const nameOf = (user) => (user === "bot" ? t("bot") : model.name(user));

/** A message from the service. `follows`: the same person just spoke, so the heading is left out; `answers`: who quoted it. */
export function messageElement(message, { follows, answers, onProblem }) {
  const tone = message.card?.tone || "";
  const classes = ["message", follows && "follows", message.user === model.me && "own",
    message.mentions.includes(model.me) && "formme", message.user === "bot" && "frombot"];
  return h("article", { class: classes.filter(Boolean).join(" "), id: `m-${message.id}`, data: { user: message.user, message: message.id } },
    follows ? h("time", { class: "gutter", datetime: message.at }, hourMinute(message.time)) : avatar(message.user, nameOf(message.user)),
    h("div", { class: "body" },
      follows ? null : heading(message),
      message.reply_to ? quote(message) : null,
      h("div", { class: tone || message.card?.countdown ? "card" : "plain", data: { tone } },
        message.card?.countdown ? clock(message.card.countdown) : null,
        h("div", { class: "text" }, textOf(message)),
        message.buttons.length ? buttons(message, onProblem) : null),
      message.files.length ? files(message.files) : null,
      answers.count ? h("button", { class: "answers", type: "button", data: { jump: answers.last } }, t("answers", { count: answers.count, time: hourMinute(answers.time) })) : null),
    h("button", { class: "icon replybutton", type: "button", data: { reply: message.id }, "aria-label": t("replyTo", { name: nameOf(message.user) }), title: t("reply") }, icon("reply")));
}

/** What was typed here and is not with the service yet. */
export function pendingElement(message) {
  const state = { failed: t("failed", { reason: message.reason }), waiting: t("waiting") }[message.state] ?? t("sending");
  const again = (word, act) => h("button", { class: "link", type: "button", onclick: act }, t(word));
  return h("article", { class: "message own pending", data: { user: message.user, state: message.state } },
    avatar(message.user, nameOf(message.user)),
    h("div", { class: "body" },
      h("header", {}, h("b", { class: "who" }, nameOf(message.user)), h("span", { class: "state" }, state),
        message.state === "failed" ? [again("retry", () => model.deliver(message)), again("drop", () => model.drop(message))] : null),
      h("div", { class: "plain" }, h("div", { class: "text" }, textOf({ ...message, mentions: [] }))),
      message.files.length ? files(message.files) : null));
}

function heading(message) {
  const person = model.people.get(message.user);
  return h("header", {},
    h("b", { class: "who" }, nameOf(message.user)),
    person ? h("span", { class: "about" }, about(person)) : null,
    h("time", { datetime: message.at }, hourMinute(message.time)),
    message.updated ? h("span", { class: "updated" }, t("updated")) : null);
}

function quote(message) {
  const original = model.message(message.chat, message.reply_to);
  const words = original ? original.text.split("\n")[0] : t("gone");
  return h("button", { class: "quote", type: "button", data: { jump: message.reply_to } },
    original ? h("b", {}, nameOf(original.user)) : null, h("span", {}, words || t("file")));
}

/** The buttons answer at once by going quiet; the service's next version of the message settles them. */
function buttons(message, onProblem) {
  const row = h("div", { class: "buttons" });
  for (const { action, label, style } of message.buttons) {
    const press = async () => {
      for (const each of row.children) each.disabled = true;
      button.classList.add("busy");
      try {
        await api.tap(model.me, message.id, action);
        setTimeout(release, 1500);
      } catch (failure) {
        release();
        onProblem(failure.message || t("offline"));
      }
    };
    const release = () => {
      for (const each of row.children) each.disabled = false;
      button.classList.remove("busy");
    };
    const button = h("button", { class: STYLES.has(style) ? style : "default", type: "button", data: { action }, onclick: press }, label);
    row.append(button);
  }
  return row;
}

/** Files as pictures or as links; only addresses of this service are followed. */
export function files(list) {
  const own = list.filter(({ url }) => /^\/(?!\/)/.test(url));
  return h("div", { class: "files" }, own.map(({ name, url }) =>
    IMAGE.test(name)
      ? h("a", { class: "picture", href: url, target: "_blank", rel: "noopener" }, h("img", { src: url, alt: name, loading: "lazy" }))
      : h("a", { class: "file", href: url, target: "_blank", rel: "noopener", download: name }, icon("file"), h("span", {}, name))));
}
