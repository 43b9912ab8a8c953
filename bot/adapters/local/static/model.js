/** What the page knows: people, chats, messages in order, what is unread for whom, and what is still on its way. */

import * as api from "/local/static/api.js";

const byTime = (a, b) => a.time - b.time || a.arrival - b.arrival;

class Model extends EventTarget {
  people = new Map();
  chats = new Map();
  posts = new Map();
  regions = new Map();
  commands = []; // what the person `offeredTo` may ask for
  offeredTo = null;
  timezone = "Asia/Shanghai";
  me = null;
  chat = null;
  online = true;
  #messages = new Map();
  #sorted = new Map();
  #cursors = new Map();
  #pending = [];
  #arrivals = 0;
  #due = false;

  /** Tells the views once, after everything that changes in this turn has changed. */
  changed() {
    if (this.#due) return;
    this.#due = true;
    setTimeout(() => {
      this.#due = false;
      this.dispatchEvent(new Event("change"));
    });
  }

  load({ people, chats, posts = [], regions = [], timezone }) {
    this.people = new Map(people.map((person) => [person.id, person]));
    this.chats = new Map(chats.filter((chat) => !chat.id.startsWith("dm-")).map((chat) => [chat.id, chat]));
    this.posts = new Map(posts.map((post) => [post.id, post.name]));
    this.regions = new Map(regions.map((region) => [region.id, region.name]));
    if (timezone) this.timezone = timezone;
    this.changed();
  }

  /** The chats a person sees: the own direct chat, then the groups that the person is in, in the organisation's order. */
  mine(person = this.me) {
    return [`dm-${person}`, ...[...this.chats.values()].filter((chat) => chat.members.includes(person)).map((chat) => chat.id)];
  }

  /** Takes in a message as the service has it now; one that is known already is replaced where it stands. */
  take(chat, message) {
    if (!this.#messages.has(chat)) this.#messages.set(chat, new Map());
    const known = this.#messages.get(chat);
    const arrival = known.get(message.id)?.arrival ?? ++this.#arrivals;
    known.set(message.id, { ...message, chat, arrival, time: Date.parse(message.at) });
    this.#sorted.delete(chat);
    this.#pending = this.#pending.filter((sent) => sent.id !== message.id);
    this.changed();
  }

  /** The messages of a chat, oldest first. */
  messages(chat) {
    if (!this.#sorted.has(chat)) this.#sorted.set(chat, [...(this.#messages.get(chat)?.values() ?? [])].sort(byTime));
    return this.#sorted.get(chat);
  }

  message(chat, id) {
    return this.#messages.get(chat)?.get(id);
  }

  /** Reads what was missed in these chats; at first all there is. */
  async catchUp(chats) {
    await Promise.all(chats.map(async (chat) => {
      const { messages, next } = await api.messagesOf(chat, this.#cursors.get(chat));
      this.#cursors.set(chat, next);
      for (const message of messages) this.take(chat, message);
    }));
  }

  pending(chat) {
    return this.#pending.filter((message) => message.chat === chat && message.user === this.me);
  }

  /** Says something at once on the page, and to the service until it has it. */
  say(chat, { text, replyTo, files }) {
    const message = { id: crypto.randomUUID(), chat, user: this.me, text, reply_to: replyTo ?? null, files, state: "sending" };
    this.#pending.push(message);
    this.changed();
    this.deliver(message);
  }

  async deliver(message) {
    if (message.state !== "waiting") message.state = "sending";
    try {
      const body = { user: message.user, text: message.text, id: message.id };
      if (message.reply_to) body.reply_to = message.reply_to;
      if (message.files.length) body.files = message.files;
      const { id } = await api.speak(message.chat, body);
      message.id = id;
      message.state = "sent";
      if (this.message(message.chat, id)) this.drop(message);
    } catch (failure) {
      message.state = failure.passing ? "waiting" : "failed";
      message.reason = failure.message;
      if (failure.passing) setTimeout(() => message.state === "waiting" && this.deliver(message), 2000);
    }
    this.changed();
  }

  drop(message) {
    this.#pending = this.#pending.filter((other) => other !== message);
    this.changed();
  }

  name(id) {
    return this.people.get(id)?.name ?? id;
  }

  onDuty(post) {
    return [...this.people.values()].filter((person) => person.on_duty.includes(post));
  }
}

export const model = new Model();
