// Selects with a search field: their options, here or from the app, and what is chosen in them.

import { activeOption, closeMenu, moveActive, openMenu, optionsOf, setActive } from "./menus.js";
import { names, send, valuesOf } from "./sending.js";
import { refresh, suggest } from "./wire.js";

const timers = new WeakMap();

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

export function hideOptions(wrapper) {
  const { field, menu } = comboParts(wrapper);
  closeMenu(menu);
  setActive(field, menu, null);
  if (field.getAttribute("aria-expanded") === "true") {
    field.setAttribute("aria-expanded", "false");
    field.value = "";
    refresh();
  }
}

export function search(wrapper) {
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

export function pick(wrapper, option) {
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

export function unpick(button) {
  const wrapper = button.closest(".element");
  const { chip } = button.closest("[data-chip]").dataset;
  const values = valuesOf(wrapper).filter((one) => one !== chip);
  comboParts(wrapper).field.focus();
  drawChips(wrapper, values);
  send(wrapper, { values });
}

export function comboKey(event, wrapper) {
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
