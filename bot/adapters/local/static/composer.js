/** Where one writes: text with suggestions, a quoted message, files, and sending. */

import * as api from "/local/static/api.js";
import { chatName } from "/local/static/chats.js";
import { toEnd } from "/local/static/conversation.js";
import { byId, h, icon } from "/local/static/dom.js";
import { offers, usageOf } from "/local/static/hints.js";
import { nameOf } from "/local/static/message.js";
import { model } from "/local/static/model.js";
import { about } from "/local/static/people.js";
import { t } from "/local/static/words.js";

const IME = 229; // what Safari says of the Enter that ends a composition
const drafts = new Map();
let [text, hints] = [null, null];
let replyTo = null;
let attached = [];
let shown = [];
let active = 0;
let where = null;
let offeredTo = null;

export function startComposer() {
  [text, hints] = [byId("text"), byId("hints")];
  text.addEventListener("input", typed);
  text.addEventListener("keydown", pressed);
  text.addEventListener("blur", () => suggest([]));
  text.addEventListener("paste", (event) => attach(event.clipboardData.files, event));
  byId("conversation").addEventListener("dragover", (event) => event.preventDefault());
  byId("conversation").addEventListener("drop", (event) => attach(event.dataTransfer.files, event));
  byId("attach").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", (event) => attach(event.target.files).then(() => { event.target.value = ""; }));
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
}

/** Keeps what was begun in one chat while another is open. */
export function renderComposer() {
  const next = `${model.me} ${model.chat}`;
  if (next !== where) {
    if (where) { // what was written before the page knew its chats stays
      drafts.set(where, text.value);
      text.value = drafts.get(next) ?? "";
    }
    where = next;
    [replyTo, attached] = [null, []];
    problem("");
    grow();
  }
  if (model.offeredTo !== offeredTo) {
    offeredTo = model.offeredTo;
    if (document.activeElement === text) typed(); // a slash was quicker than the commands
  }
  text.placeholder = model.chat.startsWith("dm-") ? t("placeholderDirect") : t("placeholder", { chat: chatName(model.chat) });
  renderExtras();
}

function renderExtras() {
  const original = replyTo && model.message(model.chat, replyTo);
  byId("replying").hidden = !original;
  if (original) {
    byId("replying").replaceChildren(h("b", {}, t("replyTo", { name: nameOf(original.user) })), h("span", { class: "snippet" }, original.text.split("\n")[0]),
      h("button", { class: "icon", type: "button", "aria-label": t("cancel"), onclick: () => reply(null) }, icon("close")));
  }
  byId("attached").hidden = !attached.length;
  byId("attached").replaceChildren(...attached.map((file) => h("span", { class: file.url ? "chosen" : "chosen busy" }, icon("file"), file.name,
    h("button", { class: "icon", type: "button", "aria-label": t("remove", { name: file.name }), onclick: () => remove(file) }, icon("close")))));
  byId("send").disabled = !ready();
}

const ready = () => model.chat && attached.every((file) => file.url) && Boolean(text.value.trim() || attached.length);

/** Quotes a message in what is written next; null takes it back. */
export function reply(id) {
  replyTo = id;
  renderExtras();
  text.focus();
}

/** Puts a command into the box, ready to be sent or changed. */
export function fill(command) {
  text.value = command;
  text.focus();
  typed();
}

export function problem(words) {
  byId("problem").textContent = words;
  byId("problem").hidden = !words;
}

function remove(file) {
  attached = attached.filter((other) => other !== file);
  renderExtras();
}

async function attach(list, event) {
  const files = [...list];
  if (!files.length) return;
  event?.preventDefault();
  await Promise.all(files.map(async (file) => {
    const entry = { name: file.name, url: "" };
    attached.push(entry);
    renderExtras();
    try {
      Object.assign(entry, await api.upload(file));
    } catch (failure) {
      remove(entry);
      problem(failure.message || t("tooLarge"));
    }
    renderExtras();
  }));
}

function submit() {
  if (!ready()) return;
  model.say(model.chat, { text: text.value.trim(), replyTo, files: attached.map(({ name, url }) => ({ name, url })) });
  text.value = "";
  [replyTo, attached] = [null, []];
  problem("");
  grow();
  suggest([]);
  renderExtras();
  toEnd();
}

function typed() {
  grow();
  byId("send").disabled = !ready();
  const people = [...model.people.values()].map((person) => ({ id: person.id, name: person.name, about: about(person) }));
  const before = text.value.slice(0, text.selectionStart);
  suggest(offers(before, people, model.commands), usageOf(before, model.commands));
}

function grow() {
  text.style.setProperty("height", "auto");
  text.style.setProperty("height", `${text.scrollHeight}px`);
}

/** The offers as a list to choose from; without any, what the words of the command look like, to be read only. */
function suggest(list, usage = null) {
  [shown, active] = [list, 0];
  hints.hidden = !list.length;
  byId("usage").hidden = Boolean(list.length) || !usage;
  if (usage) byId("usage").replaceChildren(...hint(usage));
  hints.replaceChildren(...list.map((offer, index) => h("li", { role: "option", id: `hint-${index}`, onmousedown: (event) => { event.preventDefault(); accept(offer); } }, hint(offer))));
  highlight(0);
}

const hint = ({ title, detail, note }) => [h("b", {}, title), h("span", { class: "args" }, detail.split(/(?<=[ |])(?=[^ |])/).map((word) => h("span", {}, word))), h("span", { class: "note" }, note)];

function highlight(index) {
  if (!shown.length) return text.removeAttribute("aria-activedescendant");
  active = (index + shown.length) % shown.length;
  [...hints.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === active)));
  hints.children[active].scrollIntoView({ block: "nearest" });
  return text.setAttribute("aria-activedescendant", `hint-${active}`);
}

function accept(offer) {
  const caret = text.selectionStart;
  text.setRangeText(offer.insert, offer.from, caret, "end");
  suggest([]);
  typed();
}

function pressed(event) {
  if (event.isComposing || event.keyCode === IME) return;
  const open = shown.length > 0;
  const complete = open && text.value.slice(shown[active].from).trim() === shown[active].insert.trim();
  if (open && event.key === "ArrowDown") highlight(active + 1);
  else if (open && event.key === "ArrowUp") highlight(active - 1);
  else if (open && event.key === "Escape") suggest([]);
  else if (open && (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey && !complete))) accept(shown[active]);
  else if (event.key === "Enter" && !event.shiftKey) submit();
  else if (event.key === "Escape" && replyTo) reply(null);
  else return;
  event.preventDefault();
}
