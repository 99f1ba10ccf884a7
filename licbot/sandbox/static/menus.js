// Lists that open beside a field or a button: where they stand and how keys move in them.

const anchors = new WeakMap();

// Open `menu` below `anchor`, or above it where there is more room.
export function openMenu(menu, anchor) {
  anchors.set(menu, anchor);
  anchor.scrollIntoView({ block: "nearest" });
  if (!menu.matches(":popover-open")) menu.showPopover();
  place(menu, anchor);
}

function place(menu, anchor) {
  const box = anchor.getBoundingClientRect();
  const below = innerHeight - box.bottom - 12;
  const above = box.top - 12;
  menu.style.maxHeight = "320px";
  const goesUp = below < Math.min(menu.offsetHeight, 260) && above > below;
  menu.style.maxHeight = `${Math.max(120, Math.min(320, goesUp ? above : below))}px`;
  if (menu.matches(".options, .commands")) menu.style.width = `${box.width}px`;
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = goesUp ? `${box.top - menu.offsetHeight - 4}px` : `${box.bottom + 4}px`;
}

function follow() {
  for (const menu of document.querySelectorAll(".menu:popover-open")) place(menu, anchors.get(menu));
}

document.addEventListener("scroll", (event) => {
  if (!event.target.matches?.(".menu")) follow();
}, true);
addEventListener("resize", follow);

export function closeMenu(menu) {
  if (menu.matches(":popover-open")) menu.hidePopover();
}

export const optionsOf = (menu) => [...menu.querySelectorAll("[role=option]:not([hidden])")];

// Mark the option that Enter would take, and tell screen readers through the field.
export function setActive(field, menu, option) {
  for (const other of menu.querySelectorAll(".active")) other.classList.remove("active");
  if (!option) {
    field.removeAttribute("aria-activedescendant");
    return;
  }
  option.classList.add("active");
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

export const activeOption = (menu) => menu.querySelector("[role=option].active:not([hidden])");

export function moveActive(field, menu, step) {
  const options = optionsOf(menu);
  if (!options.length) return;
  const at = options.indexOf(activeOption(menu));
  const start = at < 0 && step < 0 ? 0 : at;
  setActive(field, menu, options[(start + step + options.length) % options.length]);
}
