/** What a person has not read yet: counts and mentions for each chat, kept in this browser. */

import { model } from "/local/static/model.js";

const key = (person) => `zhiban.read.${person}`;
const cache = new Map();
window.addEventListener("storage", () => cache.clear());

/** The last message read in each chat. */
function marks(person) {
  if (!cache.has(person)) cache.set(person, JSON.parse(localStorage.getItem(key(person)) ?? "{}"));
  return cache.get(person);
}

/** {count, mentions, first} of what stands behind the last message read; in a direct chat everything counts as a mention. */
export function unread(chat, person = model.me) {
  const mark = marks(person)[chat];
  const messages = model.messages(chat);
  const behind = messages.slice(messages.findLastIndex((message) => message.id === mark) + 1);
  const others = behind.filter((message) => message.user !== person);
  const mentions = others.filter((message) => chat.startsWith("dm-") || message.mentions.includes(person));
  return { count: others.length, mentions: mentions.length, first: others[0]?.id ?? null };
}

/** Everything in the chat is read by the person now. */
export function markRead(chat, person = model.me) {
  const last = model.messages(chat).at(-1);
  if (!last || marks(person)[chat] === last.id) return;
  const all = { ...marks(person), [chat]: last.id };
  cache.set(person, all);
  localStorage.setItem(key(person), JSON.stringify(all));
  model.changed();
}

/** How often somebody is waited for, over all chats: shown beside the name in the switcher and in the title. */
export const waitingFor = (person) => model.mine(person).reduce((sum, chat) => sum + unread(chat, person).mentions, 0);
