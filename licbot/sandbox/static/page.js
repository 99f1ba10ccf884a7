// The page: windows, composer, side bar, and what was read.

import { useElements } from "./elements.js";
import { activeOption, closeMenu, moveActive, openMenu, optionsOf, setActive } from "./menus.js";
import { inLine, unsent } from "./sending.js";
import { act, isAtEnd, listen, onDrawn, upload } from "./wire.js";

const app = document.getElementById("app");
const log = () => document.getElementById("log");
const composer = () => document.getElementById("composer");
const commands = () => document.getElementById("commands");
const hasMouse = matchMedia("(hover: hover)");

// Windows

function openWindows() {
  for (const dialog of document.querySelectorAll("dialog[data-modal]:not([open])")) {
    dialog.showModal();
    const first = dialog.querySelector("[data-focus]")
      || dialog.querySelector(".block.input .field:not(.combo-field), .block.input input");
    const field = first?.matches("input, select, textarea") ? first : first?.querySelector("input");
    // On a phone the keyboard would cover the window.
    (hasMouse.matches && field || dialog.querySelector("h2")).focus();
    dialog.querySelector(".modal-body").scrollTop = 0;
  }
}

const viewOf = (node) => node.closest("dialog").querySelector("[data-view]").dataset.view;

async function busy(button, work) {
  if (!button || button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  await work();
  button.removeAttribute("aria-busy");
}

function submit(form) {
  const button = form.querySelector("[type=submit]");
  busy(button, () => inLine(form, async () => {
    const outcome = await act("submit", { view_id: form.dataset.view, entered: unsent(form) });
    if (outcome.ok && !Object.keys(outcome.errors || {}).length) return;
    const wrong = form.querySelector(".wrong");
    wrong?.querySelector("input, select, textarea")?.focus();
    // It stands below its field, which may be as tall as the window.
    wrong?.querySelector(".error")?.scrollIntoView({ block: "nearest" });
  }));
}

const closing = new WeakSet();

// Escape may be heard twice: as a wish, and when the browser closes the window by itself.
async function closeWindow(dialog, { clear = false } = {}) {
  if (closing.has(dialog)) return;
  closing.add(dialog);
  await act("close", { view_id: viewOf(dialog), clear });
  closing.delete(dialog);
}

function onCancel(event) {
  if (!event.target.matches("dialog[data-modal]")) return;
  event.preventDefault();
  closeWindow(event.target);
}

function onClosed(event) {
  const dialog = event.target;
  if (dialog.matches?.("dialog[data-modal]") && dialog.returnValue !== "gone") closeWindow(dialog);
}

// The composer

function fit(field) {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight + 2, 180)}px`;
}

const draftKey = () => `draft:${document.querySelector("main").dataset.place}`;

async function sendComposed() {
  const field = composer();
  const text = field.value.trim();
  if (!text) return;
  const { channel } = field.form.dataset;
  setText("");
  const kind = text.startsWith("/") ? "command" : "message";
  await busy(field.form.querySelector("[type=submit]"), async () => {
    const outcome = await act(kind, { channel, text });
    if (!outcome.ok && !composer().value) setText(text);
  });
  log().scrollTop = log().scrollHeight;
}

function setText(text) {
  const field = composer();
  field.value = text;
  sessionStorage.setItem(draftKey(), text);
  fit(field);
  hintCommands();
}

function hintCommands() {
  const field = composer();
  const wanted = /^\/\S*$/.test(field.value) ? field.value : null;
  const list = commands();
  for (const option of list.children) {
    option.hidden = wanted === null || !option.dataset.value.startsWith(wanted);
  }
  const fitting = optionsOf(list);
  if (!fitting.length || document.activeElement !== field) return hideCommands();
  openMenu(list, field.form);
  field.setAttribute("aria-expanded", "true");
  return setActive(field, list, fitting[0]);
}

function hideCommands() {
  closeMenu(commands());
  composer().setAttribute("aria-expanded", "false");
  setActive(composer(), commands(), null);
}

function takeCommand(option) {
  setText(`${option.dataset.value} `);
  hideCommands();
  composer().focus();
}

function onComposerKey(event) {
  if (event.isComposing) return;
  const list = commands();
  const option = list.matches(":popover-open") ? activeOption(list) : null;
  if (option && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    moveActive(composer(), list, event.key === "ArrowDown" ? 1 : -1);
  } else if (option && event.key === "Escape") {
    event.preventDefault();
    hideCommands();
  } else if (option && event.key === "Tab" && !event.shiftKey) {
    event.preventDefault();
    takeCommand(option);
  } else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    if (option && option.dataset.value !== composer().value) takeCommand(option);
    else sendComposed();
  }
}

// The side bar

function setDrawer(open) {
  document.body.classList.toggle("drawer-open", open);
  document.querySelector("main").inert = open;
  document.querySelector(".drawer-toggle").setAttribute("aria-expanded", String(open));
  if (open) document.querySelector("#sidebar a[aria-current], #sidebar a")?.focus();
  else document.querySelector(".drawer-toggle").focus();
}

function markRead({ atEnd, isNew } = {}) {
  const prefix = `read:${app.dataset.as}:`;
  for (const link of document.querySelectorAll("#sidebar [data-room]")) {
    const { room, latest } = link.dataset;
    const here = link.hasAttribute("aria-current") && !new URLSearchParams(location.search).has("tab");
    if (here) localStorage.setItem(prefix + room, latest);
    const unread = latest > (localStorage.getItem(prefix + room) || "");
    link.toggleAttribute("data-unread", unread && !here);
  }
  const newest = document.querySelector("[data-newest]");
  if (!newest) return;
  if (atEnd) log().scrollTop = log().scrollHeight;
  else if (isNew) newest.hidden = false;
}

function onClick(event) {
  const hit = (selector) => event.target.closest(selector);
  if (hit("[data-close]")) busy(hit("[data-close]"), () => closeWindow(hit("dialog")));
  else if (hit("[data-close-all]")) closeWindow(hit("dialog"), { clear: true });
  else if (hit("[data-dismiss]")) act("dismiss", { message_ts: hit("[data-ts]").dataset.ts });
  else if (hit("[data-drawer]")) setDrawer(!document.body.classList.contains("drawer-open"));
  else if (hit("[data-drawer-shade]")) setDrawer(false);
  else if (hit("[data-drawer-link]")) openWho(event);
  else if (hit("[data-newest]")) log().scrollTop = log().scrollHeight;
}

function openWho(event) {
  event.preventDefault();
  if (getComputedStyle(document.querySelector(".drawer-toggle")).display !== "none") setDrawer(true);
  document.querySelector("#who a[aria-current]").focus();
}

function wireComposer() {
  const field = composer();
  field.value = sessionStorage.getItem(draftKey()) || "";
  fit(field);
  field.addEventListener("keydown", onComposerKey);
  field.addEventListener("input", () => setText(field.value));
  field.addEventListener("blur", hideCommands);
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    sendComposed();
  });
  commands().addEventListener("mousedown", (event) => event.preventDefault());
  commands().addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) takeCommand(option);
  });
  document.querySelector("[data-attach]").addEventListener("change", async ({ target }) => {
    await upload([...target.files], { channel: field.form.dataset.channel });
    target.value = "";
  });
  log().addEventListener("scroll", () => {
    if (isAtEnd(log())) document.querySelector("[data-newest]").hidden = true;
  });
  if (hasMouse.matches) field.focus({ preventScroll: true });
}

// The message that the address names, from its beginning where it is taller than the window.
function showNamed() {
  const named = location.hash.startsWith("#m") && document.getElementById(location.hash.slice(1));
  if (!named) return false;
  named.scrollIntoView({ block: named.offsetHeight < log().clientHeight ? "center" : "start" });
  named.focus({ preventScroll: true });
  return true;
}

useElements();
document.addEventListener("click", onClick);
document.addEventListener("cancel", onCancel, true);
document.addEventListener("close", onClosed, true);
document.addEventListener("submit", (event) => {
  event.preventDefault();
  submit(event.target);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("drawer-open")) setDrawer(false);
});
onDrawn((drawn) => {
  markRead(drawn);
  openWindows();
});
if (composer()) wireComposer();
else act("home", {});
if (!showNamed() && composer()) log().scrollTop = log().scrollHeight;
markRead();
openWindows();
listen();
document.documentElement.dataset.ready = "";
