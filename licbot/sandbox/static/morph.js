// Makes one tree look like another while its nodes stay: focus, scrolling, open windows and
// half-typed text survive an update. Children are matched by data-key or id, others in order.

const OWN_ATTRIBUTES = new Set([
  "open", "style", "aria-expanded", "aria-busy", "aria-activedescendant", "data-unread", "inert",
]);

const keyOf = (node) => (node.nodeType === 1 ? node.dataset.key || node.id || null : null);
const isOwn = (node) => node.nodeType === 1 && node.hasAttribute("data-own");

function skipOwn(node) {
  while (node && isOwn(node)) node = node.nextSibling;
  return node;
}

function alike(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName && !keyOf(one);
}

function remove(node) {
  if (node.nodeType === 1) {
    for (const dialog of [node, ...node.querySelectorAll("dialog")]) {
      if (dialog.open && dialog.close) dialog.close("gone");
    }
  }
  node.remove();
}

// Bring `match` to `cursor` by dropping what lies between: a moved node would lose its focus.
function advance(parent, cursor, match) {
  let between = cursor;
  while (between && between !== match && !keyOf(between)) between = between.nextSibling;
  if (between !== match) {
    parent.insertBefore(match, cursor);
    return;
  }
  while (cursor !== match) {
    const next = cursor.nextSibling;
    if (!isOwn(cursor)) remove(cursor);
    cursor = next;
  }
}

export function morphChildren(from, to) {
  const wanted = new Set([...to.childNodes].map(keyOf).filter(Boolean));
  const keyed = new Map();
  for (const child of [...from.children]) {
    const key = keyOf(child);
    if (!key || isOwn(child)) continue;
    if (wanted.has(key)) keyed.set(key, child);
    else remove(child);
  }
  let cursor = skipOwn(from.firstChild);
  for (const next of [...to.childNodes]) {
    const key = keyOf(next);
    const match = key ? keyed.get(key) : cursor && alike(cursor, next) ? cursor : null;
    if (!match) {
      from.insertBefore(document.importNode(next, true), cursor);
      continue;
    }
    if (match !== cursor) advance(from, cursor, match);
    cursor = skipOwn(match.nextSibling);
    morph(match, next);
  }
  while (cursor) {
    const next = skipOwn(cursor.nextSibling);
    remove(cursor);
    cursor = next;
  }
}

function morphAttributes(from, to) {
  for (const { name } of [...from.attributes]) {
    if (!OWN_ATTRIBUTES.has(name) && !to.hasAttribute(name)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (!OWN_ATTRIBUTES.has(name) && from.getAttribute(name) !== value) {
      from.setAttribute(name, value);
    }
  }
}

function morphValue(from, to) {
  if (from.matches("[type=checkbox], [type=radio]")) from.checked = to.hasAttribute("checked");
  else if (from.matches("select")) from.value = to.value;
  else if (from.matches("textarea, input:not([type=file])") && from !== document.activeElement) {
    from.value = to.tagName === "TEXTAREA" ? to.defaultValue : to.getAttribute("value") || "";
  }
}

// An element that somebody is using (data-busy counts what is on its way) is left alone.
const inUse = (node) => node.dataset.busy || node.querySelector(":scope > .field [aria-expanded=true]");

function morph(from, to) {
  if (from.nodeType !== 1) {
    if (from.data !== to.data) from.data = to.data;
    return;
  }
  if (from.nodeName === "TEMPLATE") {
    if (from.innerHTML !== to.innerHTML) from.innerHTML = to.innerHTML;
    return;
  }
  if (from.matches(".element") && inUse(from)) return;
  if (from.matches("[data-own-hidden]")) return;
  morphAttributes(from, to);
  if (from.hasAttribute("data-keep")) return;
  if (!from.matches("textarea")) morphChildren(from, to);
  if (from.closest(".element")) morphValue(from, to);
}
