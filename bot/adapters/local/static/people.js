/** Who one speaks as: the searchable switcher, and how a person is described in a few words. */

import { avatar, byId, h, icon } from "/local/static/dom.js";
import { model } from "/local/static/model.js";
import { waitingFor } from "/local/static/reading.js";
import { t } from "/local/static/words.js";

const RANKS = ["director", "lead", "coordinator", "business", "engineer", "operator", "vendor"];
const postName = (post) => model.posts.get(post) ?? post;

/** Roles and team (负责人 · B组), for a reporter where he or she belongs. */
export function about(person) {
  const roles = person.roles.length ? [...person.roles].sort((a, b) => RANKS.indexOf(a) - RANKS.indexOf(b)).map((role) => t(role)) : [person.organisation || t("reporter")];
  return [...roles, person.team && t("team", { team: person.team })].filter(Boolean).join(" · ");
}

/** The green mark of somebody on duty, with the posts. */
export function dutyMark(person) {
  return person.on_duty.length ? h("span", { class: "duty" }, `${t("onDuty")} ${person.on_duty.map(postName).join(t("and"))}`) : null;
}

export function identityButton(button, person) {
  const waiting = waitingElsewhere();
  button.setAttribute("aria-label", t("speakingAs", { name: person.name }));
  button.replaceChildren(avatar(person.id, person.name),
    h("span", { class: "whois" }, h("b", {}, person.name), h("span", { class: "about" }, about(person)), dutyMark(person)),
    waiting ? h("span", { class: "dot", role: "img", "aria-label": t("elsewhere"), title: t("elsewhere") }) : "", icon("swap"));
}

const waitingElsewhere = () => [...model.people.keys()].some((id) => id !== model.me && waitingFor(id) > 0);

const ranked = (person) => [person.on_duty.length ? 0 : 1, person.roles.includes("vendor") ? 2 : person.roles.length ? 0 : 1];

function matching(typed) {
  const words = typed.trim().toLowerCase().split(/\s+/);
  return [...model.people.values()]
    .filter((person) => {
      const text = [person.id, person.name, about(person), person.organisation ?? "", ...person.roles, ...person.on_duty, ...person.on_duty.map(postName)].join(" ").toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => ranked(a)[0] - ranked(b)[0] || ranked(a)[1] - ranked(b)[1]);
}

/** Builds the dialog; answers a function that opens it. `chosen(id)` is called with the person picked. */
export function peopleDialog(chosen) {
  const [dialog, input, list] = ["people", "find", "found"].map(byId);
  let active = 0;
  const options = () => [...list.querySelectorAll("[role=option]")];

  function mark(index) {
    const all = options();
    active = (index + all.length) % (all.length || 1);
    all.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
    all[active]?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", all[active]?.id ?? "");
    inTab(byId("intab"), model.people.get(all[active]?.dataset.person));
  }

  function pick(id) {
    dialog.close();
    chosen(id);
  }

  function fill() {
    const people = matching(input.value);
    list.replaceChildren(...people.map((person) => option(person, pick)));
    if (!people.length) list.append(h("p", { class: "none" }, t("nobody")));
    mark(Math.max(0, input.value ? 0 : people.findIndex((person) => person.id === model.me)));
  }

  input.addEventListener("input", fill);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark(active + step);
    else if (event.key === "Enter" && !event.isComposing) options()[active]?.click();
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return () => {
    input.value = "";
    input.placeholder = t("findPerson");
    dialog.showModal();
    fill();
    input.focus();
  };
}

function option(person, pick) {
  const waiting = waitingFor(person.id);
  return h("div", { class: "option", role: "option", id: `p-${person.id}`, data: { person: person.id }, onclick: () => pick(person.id) },
    avatar(person.id, person.name),
    h("span", { class: "whois" }, h("b", {}, person.name), h("span", { class: "about" }, about(person))),
    dutyMark(person),
    waiting ? h("span", { class: "badge", title: t("mentioned", { count: waiting }) }, `@${waiting}`) : null);
}

/** The way to be two people at once: the one who is marked in a tab of its own. */
function inTab(link, person) {
  link.hidden = !person;
  if (!person) return;
  link.href = `?as=${encodeURIComponent(person.id)}${location.hash}`;
  link.replaceChildren(icon("tab"), t("newTab", { name: person.name }));
}
