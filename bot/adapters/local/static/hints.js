/** What is offered while typing: the commands of the person one speaks as after a slash, people after an @. */

import { language, t } from "/local/static/words.js";

/** The offers for what stands before the caret: [{from, insert, title, detail, note}], `from` where the insertion starts. */
export function offers(before, people, commands) {
  const command = /^[/／]([\w-]*|[\u4e00-\u9fff]*)$/u.exec(before);
  if (command) return commandOffers(command[1].toLowerCase(), commands);
  const at = /@([^\s@]{0,8})$/.exec(before);
  return at ? peopleOffers(at[1].toLowerCase(), before.length - at[0].length, people) : [];
}

/** The command whose words are being typed, with what they look like; null where there is none. */
export function usageOf(before, commands) {
  const typed = /^[/／]([\w-]+|[\u4e00-\u9fff]+)\s/u.exec(before)?.[1].toLowerCase();
  const command = typed && commands.find(({ verb, alias }) => typed === verb || typed === alias);
  return command ? { title: `/${typed}`, detail: command.usage || t("noWords"), note: about(command) } : null;
}

const about = ({ title }) => title[language()];

function commandOffers(typed, commands) {
  return commands.filter(({ verb, alias }) => verb.startsWith(typed) || alias.startsWith(typed)).map((command) => ({
    from: 0,
    insert: `/${command.verb}${command.usage ? " " : ""}`,
    title: `/${command.verb}`,
    detail: command.usage,
    note: language() === "zh" ? [about(command), `/${command.alias}`].filter(Boolean).join(" · ") : about(command),
  }));
}

function peopleOffers(typed, from, people) {
  return people
    .filter(({ id, name }) => name.toLowerCase().includes(typed) || id.startsWith(typed))
    .slice(0, 8)
    .map(({ name, about: who }) => ({ from, insert: `@${name} `, title: `@${name}`, detail: "", note: who }));
}
