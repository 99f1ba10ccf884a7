// How what stands in an element gets to the workspace: in order, once, and confirmed if asked for.

import { act, refresh, settle } from "./wire.js";

export const TYPED = ["plain_text_input", "number_input", "email_text_input", "url_text_input"];
const PAUSE_DISPATCH = 300;
const PAUSE_STATE = 500;
const timers = new WeakMap();
const lines = new WeakMap();

function place(wrapper) {
  const { ts, view } = wrapper.closest(".surface").dataset;
  return ts ? { message_ts: ts } : { view_id: view };
}

export const names = (wrapper) => ({
  block_id: wrapper.dataset.block, action_id: wrapper.dataset.action, ...place(wrapper),
});

export function valuesOf(wrapper) {
  const chosen = wrapper.querySelectorAll("input:checked, [data-chip]");
  if (wrapper.matches(".ticks, .combo")) return [...chosen].map((one) => one.dataset.chip ?? one.value);
  const field = wrapper.querySelector(".field");
  if (field.type === "datetime-local" && field.value) return [`${Date.parse(field.value) / 1000}`];
  return field.value === "" ? [] : [field.value];
}

// Mark an element as used until `work` is done, so that drawing leaves it alone meanwhile.
export async function using(wrapper, work) {
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
export function inLine(wrapper, work) {
  const surface = wrapper.closest(".surface") || wrapper;
  const turn = (lines.get(surface) || Promise.resolve()).then(work);
  lines.set(surface, turn.catch(() => null));
  return turn;
}

export function ask(wrapper) {
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

// What was used may have been drawn anew before it got there: do the same to the new one.
export async function settleOrRedo(outcome, used, redo) {
  if (!outcome.redrawn) return settle(outcome);
  await refresh();
  const { block_id, action_id, message_ts, view_id } = used;
  const surface = message_ts ? `[data-ts="${message_ts}"]` : `[data-view="${view_id}"]`;
  const now = document.querySelector(`.surface${surface} [data-action="${CSS.escape(action_id)}"]`);
  const isNew = now && now.dataset.block !== block_id;
  return (isNew && redo(now)) || settle(outcome);
}

// Of check boxes only the one that was changed counts: the others may have been drawn anew.
function sameBox(wrapper, box) {
  const same = wrapper.querySelector(`input[value="${CSS.escape(box.value)}"]`);
  if (same) same.checked = box.checked;
  return same;
}

// Send what an element holds now: as an action where the app asked for one, else as state.
// `box` is the check box that was changed.
export async function send(wrapper, { dispatch = "dispatch" in wrapper.dataset, values, box } = {}) {
  clearTimeout(timers.get(wrapper));
  timers.delete(wrapper);
  const details = { ...names(wrapper), values: values ?? valuesOf(wrapper) };
  const asks = dispatch && wrapper.querySelector(":scope > .confirm-text");
  const outcome = await using(wrapper, async () => {
    if (asks && !(await ask(wrapper))) return { ok: true };
    const kind = dispatch ? "choose" : "type";
    const confirmed = Boolean(asks);
    return inLine(wrapper, () => act(kind, { ...details, confirmed }, { draw: false }));
  });
  // Only now: while an element is in use, drawing passes it by.
  await settleOrRedo(outcome, details, (now) => {
    if (!box) return send(now, { dispatch, values: details.values });
    const same = sameBox(now, box);
    return same && send(now, { dispatch, box: same });
  });
}

export const isUnsent = (wrapper) => timers.has(wrapper);

export function typing(wrapper) {
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
