// How the page talks to the local workspace, and how what came back is drawn.

import { morphChildren } from "./morph.js";

const app = document.getElementById("app");
const person = app.dataset.as;
const HEADERS = { "x-local-workspace": "1" };
const JSON_HEADERS = { ...HEADERS, "content-type": "application/json" };
const GONE = "The local workspace does not answer. Is it still running?";
const STALE = "This is no longer there. The page now shows what is.";

let drawing = null;
let drawAgain = false;
const afterDrawing = [];

export const onDrawn = (callback) => afterDrawing.push(callback);

// Draw the page as the workspace is now; calls that come meanwhile are answered by one more.
export function refresh() {
  if (drawing) {
    drawAgain = true;
    return drawing;
  }
  drawing = draw().finally(() => { drawing = null; });
  return drawing;
}

async function draw() {
  do {
    drawAgain = false;
    const response = await fetch(`/fragment${location.search}`).catch(() => null);
    if (!response?.ok) return;
    const html = await response.text();
    const wanted = new DOMParser().parseFromString(html, "text/html").body;
    const log = document.getElementById("log");
    const atEnd = isAtEnd(log);
    const last = lastMessage();
    morphChildren(app, wanted);
    for (const callback of afterDrawing) callback({ atEnd, isNew: lastMessage() !== last });
  } while (drawAgain);
}

const lastMessage = () => [...document.querySelectorAll("#log > .message")].at(-1)?.dataset.ts;

export function isAtEnd(log) {
  return !log || log.scrollHeight - log.scrollTop - log.clientHeight < 60;
}

async function post(path, body, headers, keepalive) {
  try {
    const response = await fetch(path, { method: "POST", body, headers, keepalive });
    if (response.ok) return await response.json();
    return { ok: false, error: response.status === 400 ? STALE : GONE };
  } catch {
    return { ok: false, error: GONE };
  }
}

// Do something as the person; resolves to the outcome once the app has answered and it is drawn.
export async function act(kind, details, { keepalive = false, draw = true } = {}) {
  const body = JSON.stringify({ as: person, kind, ...details });
  const outcome = await post("/act", body, JSON_HEADERS, keepalive);
  if (draw) await settle(outcome);
  return outcome;
}

// Draw what an action came to. Some failures the workspace says itself, in a message or a window.
export async function settle(outcome) {
  await refresh();
  const { error } = outcome;
  if (!outcome.ok && error && !app.textContent.includes(error)) toast(error);
}

export function suggest(details) {
  const body = JSON.stringify({ as: person, ...details });
  return post("/suggest", body, JSON_HEADERS);
}

export async function upload(files, details) {
  const form = new FormData();
  for (const [key, value] of Object.entries({ as: person, ...details })) form.append(key, value);
  for (const file of files) form.append("file", file);
  const outcome = await post("/upload", form, HEADERS);
  await settle(outcome);
  return outcome;
}

export function listen() {
  const events = new EventSource(`/events?as=${encodeURIComponent(person)}`);
  events.addEventListener("change", refresh);
  events.addEventListener("ready", refresh);
  addEventListener("pagehide", () => events.close());
}

// Say what went wrong, inside the window that is open, because everything else is out of reach.
export function toast(text) {
  const windows = document.querySelectorAll("dialog[open]");
  const home = windows.length ? windows[windows.length - 1] : document.getElementById("toasts");
  const note = document.createElement("div");
  note.className = "toast";
  note.setAttribute("role", "alert");
  note.dataset.own = "";
  const words = document.createElement("span");
  words.textContent = text;
  const away = document.createElement("button");
  away.type = "button";
  away.className = "link";
  away.textContent = "Dismiss";
  away.addEventListener("click", () => note.remove());
  note.append(words, away);
  home.append(note);
  setTimeout(() => note.remove(), 12000);
}
