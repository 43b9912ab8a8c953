/** The HTTP of the local chat (contract: HTTP): directory, messages, taps, files and the live stream. */

/** What the service answered with: `status` 0 when it was not reached at all, `message` in its own words. */
export class Failure extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** Whether the same request may succeed later: the service is gone, busy or restarting. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Failure(0, "");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Failure(response.status, body.error ?? `HTTP ${response.status}`);
  return body;
}

const send = (path, body) =>
  request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

const chatPath = (chat) => `/local/chats/${encodeURIComponent(chat)}/messages`;

export const directory = () => request("/local/directory");

/** The commands that a person may give: {commands: [{verb, alias, usage, title}]}. */
export const commands = (person) => request(`/local/commands?user=${encodeURIComponent(person)}`);

export const dutyTime = () => request("/local/time");

/** What a chat has after `cursor` (everything without one), page after page; answers {messages, next}. */
export async function messagesOf(chat, cursor) {
  const messages = [];
  let next = cursor;
  for (;;) {
    const page = await request(chatPath(chat) + (next === undefined ? "" : `?after=${encodeURIComponent(next)}`));
    messages.push(...page.messages);
    if (!page.messages.length || page.next === next) return { messages, next: page.next };
    next = page.next;
  }
}

/** Speaks; the same `id` again is harmless, so a lost answer is simply retried. */
export const speak = (chat, message) => send(chatPath(chat), message);

export const tap = (user, message, action) =>
  send("/local/taps", { user, message, action, id: crypto.randomUUID() });

/** Puts a file up; answers {name, url}, the url goes into a message's files. */
export function upload(file) {
  const form = new FormData();
  form.append("file", file);
  return request("/local/files", { method: "POST", body: form });
}

/**
 * Listens to everything said, for ever. The browser reconnects by itself with Last-Event-ID; where it gives up
 * (an answer that is not 200) we open again after two seconds.
 */
export function listen({ heard, opened, lost }) {
  const source = new EventSource("/local/stream");
  source.addEventListener("open", opened);
  source.addEventListener("message", (event) => heard(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    lost();
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    setTimeout(() => listen({ heard, opened, lost }), 2000);
  });
}
