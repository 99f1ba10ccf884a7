// What a person does to the elements of messages, modals and the Home tab.

import { act, refresh, suggest, upload } from "./wire.js";
import { activeOption, closeMenu, moveActive, openMenu, optionsOf, setActive } from "./menus.js";

const TYPED = ["plain_text_input", "number_input", "email_text_input", "url_text_input"];
const PAUSE_DISPATCH = 300;
const PAUSE_STATE = 500;
const timers = new WeakMap();
const lines = new WeakMap();

function place(wrapper) {
  const { ts, view } = wrapper.closest(".surface").dataset;
  return ts ? { message_ts: ts } : { view_id: view };
}

const names = (wrapper) => ({
  block_id: wrapper.dataset.block, action_id: wrapper.dataset.action, ...place(wrapper),
});

function valuesOf(wrapper) {
  const chosen = wrapper.querySelectorAll("input:checked, [data-chip]");
  if (wrapper.matches(".ticks, .combo")) return [...chosen].map((one) => one.dataset.chip ?? one.value);
  const field = wrapper.querySelector(".field");
  if (field.type === "datetime-local" && field.value) return [`${Date.parse(field.value) / 1000}`];
  return field.value === "" ? [] : [field.value];
}

// Mark an element as used until `work` is done, so that drawing leaves it alone meanwhile.
async function using(wrapper, work) {
  wrapper.dataset.busy = Number(wrapper.dataset.busy || 0) + 1;
  try {
    return await work();
  } finally {
    const left = Number(wrapper.dataset.busy) - 1;
    if (left > 0) wrapper.dataset.busy = left;
    else delete wrapper.dataset.busy;
  }
}

// What is done to one surface arrives in the order in which it was done.
function inLine(wrapper, work) {
  const surface = wrapper.closest(".surface");
  const turn = (lines.get(surface) || Promise.resolve()).then(work);
  lines.set(surface, turn.catch(() => null));
  return turn;
}

function ask(wrapper) {
  const text = wrapper.querySelector(":scope > .confirm-text");
  if (!text) return Promise.resolve(true);
  const dialog = document.createElement("dialog");
  dialog.className = "confirm";
  dialog.setAttribute("role", "alertdialog");
  dialog.append(text.content.cloneNode(true));
  const [title, body] = dialog.querySelectorAll(".confirm-title, .confirm-body");
  title.id = "confirm-title";
  body.id = "confirm-body";
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.setAttribute("aria-describedby", body.id);
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) dialog.close(button.value);
  });
  dialog.showModal();
  // Enter must not destroy anything by habit.
  const first = dialog.querySelector("[value=confirm]").matches(".danger") ? "deny" : "confirm";
  dialog.querySelector(`[value=${first}]`).focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "confirm");
    });
  });
}

async function press(target, event) {
  const wrapper = target.closest(".element");
  const asks = Boolean(wrapper.querySelector(":scope > .confirm-text"));
  if (target.getAttribute("aria-busy") === "true") return event.preventDefault();
  if (asks) {
    event.preventDefault();
    if (!(await ask(wrapper))) return undefined;
    if (target.href) window.open(target.href, target.target || "_self", "noopener");
  }
  target.setAttribute("aria-busy", "true");
  const details = { ...names(wrapper), confirmed: asks };
  await inLine(wrapper, () => act("press", details, { keepalive: Boolean(target.href) }));
  target.removeAttribute("aria-busy");
  return undefined;
}

// Send what an element holds now: as an action where the app asked for one, else as state.
async function send(wrapper, { dispatch = "dispatch" in wrapper.dataset, values } = {}) {
  clearTimeout(timers.get(wrapper));
  timers.delete(wrapper);
  const details = { ...names(wrapper), values: values ?? valuesOf(wrapper) };
  const asks = dispatch && wrapper.querySelector(":scope > .confirm-text");
  await using(wrapper, async () => {
    if (asks && !(await ask(wrapper))) return;
    const kind = dispatch ? "choose" : "type";
    await inLine(wrapper, () => act(kind, { ...details, confirmed: Boolean(asks) }));
  });
  // While it was in use, drawing passed it by.
  if (!wrapper.dataset.busy) await refresh();
}

function typing(wrapper) {
  const atOnce = wrapper.dataset.dispatch?.includes("on_character_entered");
  const waiting = timers.get(wrapper);
  clearTimeout(waiting);
  const later = () => send(wrapper, { dispatch: Boolean(atOnce) });
  timers.set(wrapper, setTimeout(later, atOnce ? PAUSE_DISPATCH : PAUSE_STATE));
}

// What was typed into a form and is not sent yet.
export function unsent(form) {
  return [...form.querySelectorAll(".element")].filter((one) => timers.has(one)).map((one) => {
    clearTimeout(timers.get(one));
    timers.delete(one);
    return { block_id: one.dataset.block, action_id: one.dataset.action, values: valuesOf(one) };
  });
}

export const submitInLine = (form, work) => inLine(form.querySelector(".modal-body"), work);

async function sendFiles(input) {
  const wrapper = input.closest(".element");
  if (!input.files.length) return;
  const files = [...input.files];
  await using(wrapper, () => inLine(wrapper, () => upload(files, names(wrapper))));
  input.value = "";
  await refresh();
}

// Selects with a search field

const comboParts = (wrapper) => ({
  field: wrapper.querySelector("[role=combobox]"), menu: wrapper.querySelector("[role=listbox]"),
});

function showOptions(wrapper) {
  const { field, menu } = comboParts(wrapper);
  openMenu(menu, field.closest(".combo-field"));
  field.setAttribute("aria-expanded", "true");
  const options = optionsOf(menu);
  if (!options.includes(activeOption(menu))) setActive(field, menu, options[0]);
}

function hideOptions(wrapper) {
  const { field, menu } = comboParts(wrapper);
  closeMenu(menu);
  setActive(field, menu, null);
  if (field.getAttribute("aria-expanded") === "true") {
    field.setAttribute("aria-expanded", "false");
    field.value = "";
    refresh();
  }
}

function search(wrapper) {
  const { field, menu } = comboParts(wrapper);
  if ("external" in wrapper.dataset) return searchOutside(wrapper, field, menu);
  const wanted = field.value.trim().toLowerCase();
  for (const option of menu.querySelectorAll("[role=option]")) {
    option.hidden = !option.textContent.toLowerCase().includes(wanted);
  }
  return showOptions(wrapper);
}

function searchOutside(wrapper, field, menu) {
  clearTimeout(timers.get(field));
  const least = Number(wrapper.dataset.external);
  if (field.value.trim().length < least) {
    menu.innerHTML = `<li role="presentation" class="none">Type ${least} letters or more</li>`;
    return showOptions(wrapper);
  }
  const look = async () => {
    const asked = field.value.trim();
    const details = { ...names(wrapper), value: asked, chosen: valuesOf(wrapper), list: menu.id };
    field.setAttribute("aria-busy", "true");
    const answer = await suggest(details);
    if (field.value.trim() !== asked || !field.isConnected) return;
    field.removeAttribute("aria-busy");
    if (answer.ok) menu.innerHTML = answer.html;
    else menu.replaceChildren(note(answer.error));
    if (document.activeElement === field) showOptions(wrapper);
  };
  timers.set(field, setTimeout(look, 200));
  return undefined;
}

function note(text) {
  const item = document.createElement("li");
  item.className = "none";
  item.setAttribute("role", "presentation");
  item.textContent = text || "The app did not answer.";
  return item;
}

function pick(wrapper, option) {
  const { field, menu } = comboParts(wrapper);
  const { value } = option.dataset;
  const before = valuesOf(wrapper);
  const many = Number(wrapper.dataset.many || 0);
  const without = before.filter((one) => one !== value);
  if (many && without.length === before.length && before.length >= many) return;
  const next = many ? (without.length < before.length ? without : [...before, value]) : [value];
  for (const other of menu.querySelectorAll("[role=option]")) {
    other.setAttribute("aria-selected", String(next.includes(other.dataset.value)));
  }
  drawChips(wrapper, next, option);
  field.value = "";
  send(wrapper, { values: next });
  if (many) search(wrapper);
  else hideOptions(wrapper);
}

function drawChips(wrapper, values, option) {
  const { field } = comboParts(wrapper);
  for (const chip of wrapper.querySelectorAll("[data-chip]")) {
    if (!values.includes(chip.dataset.chip)) chip.remove();
  }
  const value = option?.dataset.value;
  const there = [...wrapper.querySelectorAll("[data-chip]")].some((c) => c.dataset.chip === value);
  if (!option || there || !values.includes(value)) return;
  const chip = document.createElement("span");
  chip.className = "chip";
  Object.assign(chip.dataset, { chip: value, key: `chip-${value}` });
  const text = document.createElement("span");
  text.className = "chip-text";
  text.append(...option.querySelector(".option-text").cloneNode(true).childNodes);
  const away = document.createElement("button");
  away.type = "button";
  away.dataset.remove = "";
  away.textContent = "×";
  away.setAttribute("aria-label", `Remove ${text.textContent}`);
  chip.append(text, away);
  field.before(chip);
}

function unpick(button) {
  const wrapper = button.closest(".element");
  const { chip } = button.closest("[data-chip]").dataset;
  const values = valuesOf(wrapper).filter((one) => one !== chip);
  comboParts(wrapper).field.focus();
  drawChips(wrapper, values);
  send(wrapper, { values });
}

function comboKey(event, wrapper) {
  const { field, menu } = comboParts(wrapper);
  const open = field.getAttribute("aria-expanded") === "true";
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (open) moveActive(field, menu, event.key === "ArrowDown" ? 1 : -1);
    else search(wrapper);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (open && activeOption(menu)) pick(wrapper, activeOption(menu));
  } else if (event.key === "Escape" && open) {
    event.preventDefault();
    hideOptions(wrapper);
  } else if (event.key === "Backspace" && !field.value) {
    const last = [...wrapper.querySelectorAll("[data-remove]")].at(-1);
    if (last) unpick(last);
  }
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
    const wrapper = hit(".element");
    comboParts(wrapper).field.focus();
    search(wrapper);
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

function onChange(event) {
  const wrapper = event.target.closest(".element");
  if (!wrapper || event.target.matches("[role=combobox]")) return;
  if (event.target.matches("[type=file]")) sendFiles(event.target);
  else if (!TYPED.includes(wrapper.dataset.type)) send(wrapper);
  else if (timers.has(wrapper)) send(wrapper, { dispatch: false });
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
