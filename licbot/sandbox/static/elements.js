// Which element a click, a key or an entry means, and what it does to it.

import { comboKey, hideOptions, pick, search, unpick } from "./combo.js";
import { closeMenu, openMenu } from "./menus.js";
import { TYPED, ask, inLine, isUnsent, names, send, settleOrRedo, typing, using } from "./sending.js";
import { act, refresh, settle, upload } from "./wire.js";

async function press(target, event) {
  const wrapper = target.closest(".element");
  const asks = Boolean(wrapper.querySelector(":scope > .confirm-text"));
  if (target.getAttribute("aria-busy") === "true") return event.preventDefault();
  const details = { ...names(wrapper), confirmed: asks };
  if (asks) {
    event.preventDefault();
    if (!(await ask(wrapper))) return undefined;
    if (target.href) window.open(target.href, target.target || "_self", "noopener");
  }
  target.setAttribute("aria-busy", "true");
  const keepalive = Boolean(target.href);
  const outcome = await inLine(wrapper, () => act("press", details, { keepalive, draw: false }));
  // Who was asked was asked about what was there then.
  if (asks) await settle(outcome);
  else await settleOrRedo(outcome, details, (now) => press(now.querySelector("[data-press]"), event));
  target.removeAttribute("aria-busy");
  return undefined;
}

async function sendFiles(input) {
  const wrapper = input.closest(".element");
  if (!input.files.length) return;
  const files = [...input.files];
  await using(wrapper, () => inLine(wrapper, () => upload(files, names(wrapper))));
  input.value = "";
  await refresh();
}

// Overflow menus

function toggleMenu(button) {
  const menu = document.getElementById(button.getAttribute("aria-controls"));
  if (menu.matches(":popover-open")) return leaveMenu(menu);
  openMenu(menu, button);
  button.setAttribute("aria-expanded", "true");
  return menu.querySelector("[role=menuitem]").focus();
}

function leaveMenu(menu, { focus = true } = {}) {
  const button = menu.closest(".element").querySelector("[data-menu]");
  closeMenu(menu);
  button.setAttribute("aria-expanded", "false");
  if (focus) button.focus();
}

function menuKey(event, item) {
  const items = [...item.parentElement.querySelectorAll("[role=menuitem]")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    items[(items.indexOf(item) + step + items.length) % items.length].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    leaveMenu(item.parentElement);
  }
}

function pickFromMenu(item) {
  leaveMenu(item.parentElement);
  send(item.closest(".element"), { values: [item.dataset.value], dispatch: true });
}

// Which of these an event means

function onClick(event) {
  const hit = (selector) => event.target.closest(selector);
  if (hit("[data-press]")) press(hit("[data-press]"), event);
  else if (hit("[data-menu]")) toggleMenu(hit("[data-menu]"));
  else if (hit("[role=menuitem]")) pickFromMenu(hit("[role=menuitem]"));
  else if (hit(".combo [role=option]")) pick(hit(".element"), hit("[role=option]"));
  else if (hit("[data-remove]")) unpick(hit("[data-remove]"));
  else if (hit(".combo-field")) {
    hit(".combo-field").querySelector("input").focus();
    search(hit(".element"));
  }
}

// Taking an option must not move the focus away from the field it belongs to.
function onMouseDown(event) {
  if (event.target.closest(".combo .options")) event.preventDefault();
  for (const menu of document.querySelectorAll("[role=menu]:popover-open")) {
    if (!menu.parentElement.contains(event.target)) leaveMenu(menu, { focus: false });
  }
}

function onKeyDown(event) {
  const wrapper = event.target.closest?.(".element");
  if (!wrapper || event.isComposing) return;
  if (event.target.matches("[role=combobox]")) comboKey(event, wrapper);
  else if (event.target.matches("[role=menuitem]")) menuKey(event, event.target);
  else if (event.key === "Enter" && event.target.matches("input.field")) {
    if (!wrapper.dataset.dispatch?.includes("on_enter_pressed")) return;
    if (!TYPED.includes(wrapper.dataset.type)) return;
    event.preventDefault();
    send(wrapper);
  }
}

function onInput(event) {
  const wrapper = event.target.closest(".element");
  if (!wrapper) return;
  if (event.target.matches("[role=combobox]")) search(wrapper);
  else if (TYPED.includes(wrapper.dataset.type)) typing(wrapper);
}

const boxOf = (input) => (input.matches("[type=checkbox], [type=radio]") ? input : undefined);

function onChange(event) {
  const wrapper = event.target.closest(".element");
  if (!wrapper || event.target.matches("[role=combobox]")) return;
  if (event.target.matches("[type=file]")) sendFiles(event.target);
  else if (!TYPED.includes(wrapper.dataset.type)) send(wrapper, { box: boxOf(event.target) });
  else if (isUnsent(wrapper)) send(wrapper, { dispatch: false });
}

export function useElements() {
  document.addEventListener("click", onClick);
  document.addEventListener("mousedown", onMouseDown);
  document.addEventListener("keydown", onKeyDown);
  document.addEventListener("input", onInput);
  document.addEventListener("change", onChange);
  document.addEventListener("focusout", (event) => {
    const wrapper = event.target.closest?.(".combo");
    if (wrapper && !wrapper.contains(event.relatedTarget)) hideOptions(wrapper);
  });
}
