/** What is offered while typing: commands after a slash, people after an @. */

import { language } from "/local/static/words.js";

/** The commands with their Chinese alias (contract: In the chat); the service alone decides who may use them. */
export const COMMANDS = [
  { verb: "help", alias: "帮助", args: "", zh: "我在这里能做什么", en: "What I may do here" },
  { verb: "oncall", alias: "值班", args: "11-23", zh: "现在谁值班", en: "Who is on duty" },
  { verb: "status", alias: "状态", args: "", zh: "未结的工单和计时", en: "Open tickets and clocks" },
  { verb: "mine", alias: "我的", args: "", zh: "我手上的工单", en: "My tickets" },
  { verb: "nodes", alias: "节点", args: "", zh: "哪些节点在线", en: "Which nodes are in service" },
  { verb: "drain", alias: "摘除", args: "10.154.54.58", zh: "从负载摘除节点，需另一人确认", en: "Take a node out; a second person confirms" },
  { verb: "undrain", alias: "恢复", args: "10.154.54.58", zh: "把节点放回负载，需另一人确认", en: "Put a node back; a second person confirms" },
  { verb: "restart", alias: "重启", args: "oa3", zh: "重启一个应用节点", en: "Restart one app node" },
  { verb: "stop", alias: "停止", args: "oa3", zh: "停止一个应用节点", en: "Stop one app node" },
  { verb: "start", alias: "启动", args: "oa3", zh: "启动一个应用节点", en: "Start one app node" },
  { verb: "conns", alias: "连接数", args: "", zh: "每个节点的连接数", en: "Connections of each node" },
  { verb: "disk", alias: "磁盘", args: "oa3", zh: "磁盘用量", en: "Disk usage" },
  { verb: "logs", alias: "日志", args: "oa3", zh: "最近的日志", en: "The latest log lines" },
  { verb: "announce", alias: "公告", args: "preview", zh: "预览今天的值班公告", en: "Preview today's announcement" },
  { verb: "ping", alias: "在吗", args: "TEXT", zh: "看看值班助手在不在", en: "Is the bot there" },
];

/** The offers for what stands before the caret: [{from, insert, title, detail, note}], `from` where the insertion starts. */
export function offers(before, people) {
  const command = /^[/／]([\w-]*|[\u4e00-\u9fff]*)$/u.exec(before);
  if (command) return commandOffers(command[1].toLowerCase());
  const at = /@([^\s@]{0,8})$/.exec(before);
  return at ? peopleOffers(at[1].toLowerCase(), before.length - at[0].length, people) : [];
}

function commandOffers(typed) {
  return COMMANDS.filter(({ verb, alias }) => verb.startsWith(typed) || alias.startsWith(typed)).map((command) => ({
    from: 0,
    insert: `/${command.verb}${command.args ? " " : ""}`,
    title: `/${command.verb}`,
    detail: command.args,
    note: language() === "zh" ? [command.zh, command.alias && `/${command.alias}`].filter(Boolean).join(" · ") : command.en,
  }));
}

function peopleOffers(typed, from, people) {
  return people
    .filter(({ id, name }) => name.toLowerCase().includes(typed) || id.startsWith(typed))
    .slice(0, 8)
    .map(({ name, about }) => ({ from, insert: `@${name} `, title: `@${name}`, detail: "", note: about }));
}
