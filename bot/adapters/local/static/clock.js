/** Duty time on the page: the time of day (scaled by --speed) and the SLA clocks that count down on cards. */

import * as api from "/local/static/api.js";
import { byId, h } from "/local/static/dom.js";
import { model } from "/local/static/model.js";
import { language, t } from "/local/static/words.js";

const SOON = 120;
let anchor = { duty: Date.now(), real: performance.now(), speed: 1 };

/** Duty time in milliseconds. */
export const now = () => anchor.duty + (performance.now() - anchor.real) * anchor.speed;

export async function synchronise() {
  const { now: duty, speed } = await api.dutyTime();
  anchor = { duty: Date.parse(duty), real: performance.now(), speed };
}

const format = (options) => (time) =>
  new Intl.DateTimeFormat(language() === "zh" ? "zh-CN" : "en-GB", { timeZone: model.timezone, ...options }).format(time);

export const hourMinute = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const dayKey = format({ year: "numeric", month: "2-digit", day: "2-digit" });
const dayName = format({ month: "long", day: "numeric", weekday: "short" });

export function day(time) {
  if (dayKey(time) === dayKey(now())) return t("today");
  if (dayKey(time) === dayKey(now() - 86_400_000)) return t("yesterday");
  return dayName(time);
}

/** Seconds as 4:05, and 1:04:05 from an hour on. */
export function clockText(seconds) {
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
}

/** The element of one countdown; `tick` keeps it true. */
export function clock({ start, due, ended }, { chip = false } = {}) {
  const element = h("span", { class: chip ? "clock chip" : "clock", role: "timer", data: { start, due, ended: ended ?? "" } },
    h("i", { class: "ring", "aria-hidden": "true" }), h("span", { class: "clockword" }), h("span", { class: "clocktime" }));
  tick(element);
  return element;
}

function tick(element) {
  const [start, due] = [Date.parse(element.dataset.start), Date.parse(element.dataset.due)];
  const ended = element.dataset.ended ? Date.parse(element.dataset.ended) : null;
  const at = ended ?? now();
  const left = Math.ceil((due - at) / 1000);
  const state = ended ? (left < 0 ? "late" : "ended") : left <= 0 ? "over" : left < SOON ? "soon" : "running";
  const [word, shown] = ended ? ["took", clockText(Math.max(0, Math.round((at - start) / 1000)))]
    : left <= 0 ? ["over", `+${clockText(-left)}`] : ["left", clockText(left)];
  if (element.dataset.state !== state) element.dataset.state = state;
  element.style.setProperty("--part", String(Math.min(1, Math.max(0, (due - at) / (due - start)))));
  const [, wordElement, timeElement] = element.children;
  if (wordElement.textContent !== t(word)) wordElement.textContent = t(word);
  if (timeElement.textContent !== shown) timeElement.textContent = shown;
}

/** Starts the page's one heartbeat: every clock on it, four times a second. */
export function startTicking() {
  const element = byId("dutyclock");
  setInterval(() => {
    for (const each of document.querySelectorAll(".clock:not([data-state=ended], [data-state=late])")) tick(each);
    const time = hourMinute(now());
    const shown = Math.round(anchor.speed) <= 1 ? time : `${time} ×${Math.round(anchor.speed)}`;
    if (element.textContent !== shown) element.textContent = shown;
  }, 250);
}
