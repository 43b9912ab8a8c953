/** What the page itself says, Chinese first; the bot's messages come in the language of the service. */

const WORDS = {
  zh: {
    brand: "值班", other: "EN", otherLabel: "Switch to English", chats: "群聊", messages: "消息", say: "发言",
    back: "返回群列表", attach: "添加文件", send: "发送", hints: "输入提示", newer: "新消息", older: "更早的消息", desk: "此刻",
    speakAs: "以谁的身份发言", findPerson: "搜索姓名、角色、驻点", dutyTime: "值班时间",
    and: "、", bot: "值班助手", direct: "私聊", directAbout: "私聊，只有您和值班助手看得到", groups: "群",
    onDuty: "值班", onDutyNow: "在岗", noOne: "没有人", reporter: "成员", team: (f) => `${f.team}组`,
    engineer: "工程师", lead: "负责人", director: "总监", business: "商务", vendor: "第三方", coordinator: "统筹科",
    operator: "运维", you: "我", updated: "已更新", reply: "回复", replyTo: (f) => `回复 ${f.name}`, cancel: "取消", answers: (f) => `${f.count} 条回复 · ${f.time}`,
    placeholder: (f) => `在「${f.chat}」发言`, placeholderDirect: "给值班助手发消息",
    left: "剩余", over: "超时", took: "用时",
    running: "计时中", asking: "待答复", quiet: "还没有消息", quietDirect: "发 /help 看看能做什么", calm: "没有在等的事。", manual: "人工转发",
    offline: "与服务的连接断开，正在重连…", waiting: "待发送，恢复连接后自动发出", sending: "发送中",
    failed: (f) => `未发出：${f.reason}`, retry: "重试", drop: "删除", remove: (f) => `移除 ${f.name}`,
    tooLarge: "文件没有传上去", earlier: "以下为新消息", empty: "还没有消息。直接说哪里不好用就行。",
    emptyDirect: "这里是值班助手的私聊。发 /help 看看能做什么。", newTab: (f) => `在新标签页以 ${f.name} 的身份打开`,
    nobody: "没有找到。", today: "今天", yesterday: "昨天", gone: "原消息不在了", file: "文件", elsewhere: "有人在等另一位",
    mentioned: (f) => `${f.count} 条提到我`, unread: (f) => `${f.count} 条未读`, speakingAs: (f) => `当前身份：${f.name}，点击切换`,
    becoming: (f) => `以 ${f.name} 的身份发言`, fill: (f) => `填入 ${f.command}`, noWords: "（不带参数）", output: "输出", changed: "改动", answered: "已响应",
  },
  en: {
    brand: "Zhiban", other: "中", otherLabel: "切换到中文", chats: "Chats", messages: "Messages", say: "Say something",
    back: "Back to the chats", attach: "Attach files", send: "Send", hints: "Suggestions", newer: "New messages", older: "Earlier messages", desk: "Right now",
    speakAs: "Speak as", findPerson: "Search name, role, post", dutyTime: "Duty time",
    and: ", ", bot: "Zhiban", direct: "Direct", directAbout: "Direct message, between you and the bot", groups: "Groups",
    onDuty: "On duty", onDutyNow: "On duty", noOne: "Nobody", reporter: "Member", team: (f) => `Team ${f.team}`,
    engineer: "Engineer", lead: "Lead", director: "Director", business: "Business", vendor: "Vendor", coordinator: "Coordination",
    operator: "Operator", you: "me", updated: "updated", reply: "Reply", replyTo: (f) => `Reply to ${f.name}`, cancel: "Cancel", answers: (f) => `${f.count} ${f.count === 1 ? "reply" : "replies"} · ${f.time}`,
    placeholder: (f) => `Message ${f.chat}`, placeholderDirect: "Message the bot",
    left: "left", over: "over", took: "took",
    running: "Clocks", asking: "To answer", quiet: "No messages yet", quietDirect: "Send /help to see what it can do", calm: "Nothing is waiting.", manual: "by hand",
    offline: "Connection lost, reconnecting…", waiting: "Waiting, goes out when the connection is back", sending: "Sending",
    failed: (f) => `Not sent: ${f.reason}`, retry: "Try again", drop: "Remove", remove: (f) => `Remove ${f.name}`,
    tooLarge: "The file did not go up", earlier: "New", empty: "No messages yet. Just say what does not work.",
    emptyDirect: "Your direct chat with the bot. Send /help to see what it can do.", newTab: (f) => `Open as ${f.name} in a new tab`,
    nobody: "Nobody found.", today: "Today", yesterday: "Yesterday", gone: "The message is gone", file: "File", elsewhere: "Somebody else is waited for",
    mentioned: (f) => `${f.count} mention me`, unread: (f) => `${f.count} unread`, speakingAs: (f) => `Speaking as ${f.name}, press to switch`,
    becoming: (f) => `Speak as ${f.name}`, fill: (f) => `Fill in ${f.command}`, noWords: "(no words)", output: "Output", changed: "Change", answered: "Answered",
  },
};

let chosen = localStorage.getItem("zhiban.language");
let current = chosen ?? "zh";

export const language = () => current;

/** The service's own language, until the reader has chosen one; whether that is another than before. */
export function followService(locale) {
  const before = current;
  if (!chosen && locale in WORDS) current = locale;
  return current !== before;
}

/** The word for `key`; a word with facts is a function of them. */
export function t(key, facts = {}) {
  const word = WORDS[current][key];
  return typeof word === "function" ? word(facts) : (word ?? key);
}

export function setLanguage(next) {
  [current, chosen] = [next, next];
  localStorage.setItem("zhiban.language", next);
}

/** Fills in the words of the static page: `data-word` as text, `data-label` as accessible name, `data-title` as tooltip. */
export function labelPage() {
  document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = t(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", t(element.dataset.label));
    if (element.matches("button, a")) element.title = t(element.dataset.label);
  }
  for (const element of document.querySelectorAll("[data-title]")) element.title = t(element.dataset.title);
}
