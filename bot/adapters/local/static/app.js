/** The page as a whole: loads what there is, follows what comes, and draws it for the person one speaks as. */

import * as api from "/local/static/api.js";
import { chatName, renderChats } from "/local/static/chats.js";
import { startTicking, synchronise } from "/local/static/clock.js";
import { fill, problem, renderComposer, reply, startComposer } from "/local/static/composer.js";
import { jumpTo, renderConversation, watchScrolling } from "/local/static/conversation.js";
import { renderDesk } from "/local/static/desk.js";
import { byId } from "/local/static/dom.js";
import { model } from "/local/static/model.js";
import { identityButton, peopleDialog } from "/local/static/people.js";
import { waitingFor } from "/local/static/reading.js";
import { followService, labelPage, language, setLanguage, t } from "/local/static/words.js";

const FRESH = 60_000;
let openPeople = null;
let destination = null;

function render() {
  byId("offline").hidden = model.online;
  byId("offline").textContent = t("offline");
  if (!model.me) return;
  const waiting = waitingFor(model.me);
  document.title = `${waiting ? `(${waiting}) ` : ""}${chatName(model.chat)} · ${t("brand")}`;
  identityButton(byId("identity"), model.people.get(model.me));
  renderConversation({ onProblem: problem });
  if (destination?.chat === model.chat && jumpTo(destination.jump)) destination = null;
  renderChats();
  renderDesk();
  renderComposer();
}

/** The chat of the address (#shifuban); without one the last, on a phone the list. */
function route() {
  const asked = model.mine().find((chat) => [chat, encodeURIComponent(chat)].includes(location.hash.slice(1)));
  const known = asked !== undefined;
  document.body.dataset.view = known ? "chat" : "list";
  if (known) localStorage.setItem("zhiban.chat", asked);
  const last = localStorage.getItem("zhiban.chat");
  const mine = model.mine();
  const usual = mine.find((chat) => model.chats.get(chat)?.post) ?? mine[0];
  model.chat = known ? asked : mine.includes(last) ? last : usual;
  model.changed();
}

/** Speaks as somebody else from now on; the address keeps it, so that two tabs can be two people. */
function become(person) {
  const direct = model.chat?.startsWith("dm-");
  model.me = person;
  localStorage.setItem("zhiban.me", person);
  history.replaceState(null, "", `?as=${encodeURIComponent(person)}${direct ? `#dm-${person}` : location.hash}`);
  route();
  Promise.all([model.catchUp([`dm-${person}`]), offered()]).catch(() => lost());
}

/** What the person one speaks as may ask for. */
async function offered() {
  const { me } = model;
  const { commands } = await api.commands(me);
  if (me !== model.me) return;
  [model.commands, model.offeredTo] = [commands, me];
  model.changed();
}

function firstPerson() {
  const wanted = [new URLSearchParams(location.search).get("as"), localStorage.getItem("zhiban.me")];
  const reporter = [...model.people.values()].find((person) => !person.roles.length);
  return wanted.find((id) => model.people.has(id)) ?? reporter?.id ?? model.people.keys().next().value;
}

function lost() {
  model.online = false;
  model.changed();
}

/** Who there is, who is on duty now, what time it is. */
async function refresh() {
  const [found] = await Promise.all([api.directory(), synchronise()]);
  model.load(found);
  if (followService(found.locale)) label();
  if (!model.people.has(model.me)) become(firstPerson());
  else await offered();
}

/** After every (re)connection: also what was said meanwhile. */
async function connected() {
  await refresh();
  await model.catchUp([`dm-${model.me}`, ...model.chats.keys()]);
  model.online = true;
  model.changed();
}

function clicked(event) {
  const at = (name) => event.target.closest(`[data-${name}]`);
  if (at("reply")) reply(at("reply").dataset.reply);
  else if (at("fill")) fill(at("fill").dataset.fill);
  else if (event.target.closest("button[data-person]")) become(event.target.closest("button[data-person]").dataset.person);
  else if (at("jump")) {
    const { jump, chat = model.chat } = at("jump").dataset;
    destination = { chat, jump };
    model.changed();
  }
}

/** Ctrl or ⌘ K: the people; Alt with up and down: the next chat. */
function keyed(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") openPeople();
  else if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) {
    const chats = model.mine();
    const next = chats.indexOf(model.chat) + (event.key === "ArrowDown" ? 1 : -1);
    location.hash = chats[(next + chats.length) % chats.length];
  } else return;
  event.preventDefault();
}

function label() {
  labelPage();
  byId("language").textContent = t("other");
  byId("language").setAttribute("aria-label", t("otherLabel"));
  model.changed();
}

function start() {
  startComposer();
  watchScrolling();
  startTicking();
  openPeople = peopleDialog(become);
  byId("identity").addEventListener("click", openPeople);
  byId("language").addEventListener("click", () => {
    setLanguage(language() === "zh" ? "en" : "zh");
    label();
  });
  model.addEventListener("change", render);
  window.addEventListener("hashchange", route);
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", keyed);
  label();
  api.listen({ heard: ({ chat, message }) => model.take(chat, message), opened: () => connected().catch(lost), lost });
  setInterval(() => model.online && refresh().catch(lost), FRESH);
}

start();
