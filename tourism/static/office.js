// The office: hours checked while they are typed, a point moved on the map, and everything by keyboard.

const after = (ms, act) => { let timer; return (...given) => { clearTimeout(timer); timer = setTimeout(() => act(...given), ms); }; };

document.querySelector("[data-focus]")?.focus();

// Hours
const hours = document.querySelector("[data-check]"), said = document.getElementById("hours-check");
if (hours) {
  let newest = 0;
  hours.addEventListener("input", after(350, async () => {
    const mine = ++newest, address = new URL(hours.dataset.check, location);
    address.searchParams.set("text", hours.value);
    const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
    if (answer?.ok && mine === newest) said.innerHTML = await answer.text(); // our own page, escaped by the server
  }));
  if (hours.value !== hours.defaultValue) hours.dispatchEvent(new Event("input")); // typed before this script came
  said.addEventListener("click", event => {
    const rule = event.target.closest("[data-hours]")?.dataset.hours;
    if (rule) { hours.value = rule; hours.dispatchEvent(new Event("input", { bubbles: true })); hours.focus(); }
  });
}

// The point: the map moves the fields, and the fields move the map.
const picker = document.querySelector("[data-picker]"), lat = document.getElementById("lat"), lon = document.getElementById("lon");
if (picker && lat && !lat.closest("fieldset[disabled]")) {
  const load = address => new Promise((done, failed) => {
    const script = Object.assign(document.createElement("script"), { src: address, onload: done, onerror: failed });
    document.head.append(script);
  });
  const begin = async () => {
    await load(picker.dataset.leaflet);
    await load(picker.dataset.picker);
    const map = window.map_kayutangan;
    const there = () => [parseFloat(lat.value.replace(",", ".")), parseFloat(lon.value.replace(",", "."))];
    const icon = L.divIcon({ className: "pin-pickup picker-pin", html: "+", iconSize: [36, 36] });
    const pin = L.marker(map.getCenter(), { draggable: true, icon, alt: lat.closest("form").elements.name.value, keyboard: false });
    const show = () => { if (there().every(Number.isFinite)) { pin.setLatLng(there()).addTo(map); map.panTo(there()); } };
    const take = place => { lat.value = place.lat.toFixed(6); lon.value = place.lng.toFixed(6); pin.setLatLng(place).addTo(map); };
    pin.on("dragend", () => take(pin.getLatLng()));
    map.on("click", event => take(event.latlng));
    [lat, lon].forEach(field => field.addEventListener("change", show));
    map.invalidateSize();
    show();
    if (there().every(Number.isFinite)) map.setView(there(), 17);
  };
  new IntersectionObserver((seen, watcher) => { if (seen.some(one => one.isIntersecting)) { watcher.disconnect(); begin(); } }, { rootMargin: "300px" }).observe(picker);
}

// What was typed is not left by mistake.
for (const form of document.querySelectorAll("[data-guard]")) {
  let typed = false;
  form.addEventListener("input", () => { typed = true; });
  form.addEventListener("submit", event => { if (event.submitter?.getAttribute("formtarget") !== "_blank") typed = false; });
  addEventListener("beforeunload", event => { if (typed) event.preventDefault(); });
}

// Keys: / searches, j and k move, Enter opens, n goes on, a and x judge the field at hand.
const rows = [...document.querySelectorAll("[data-row]")];
const at = () => rows.findIndex(row => row.contains(document.activeElement));
const go = step => rows[Math.min(Math.max(at() + step, 0), rows.length - 1)]?.querySelector("a, input, button")?.focus();
const judge = value => { const row = rows[at()]; const button = row?.querySelector(`input[value=${value}]`); if (button) { button.checked = true; (value === "reject" ? row.querySelector("input[name^=why_]") : button).focus(); } };
addEventListener("keydown", event => {
  const typing = event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = {
    "/": () => document.querySelector("[data-slash]")?.focus(), j: () => go(1), k: () => go(-1),
    n: () => document.querySelector("[data-next]")?.click(), a: () => judge("accept"), x: () => judge("reject"),
  }[event.key];
  if (act) { event.preventDefault(); act(); }
});
const all = document.querySelector("[data-reject-all]");
if (all) {
  all.hidden = false;
  all.addEventListener("click", () => { for (const no of document.querySelectorAll("input[value=reject]")) no.checked = true; document.querySelector("input[name=why]").focus(); });
}
