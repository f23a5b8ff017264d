// Pins and the list are one: what happens to a row happens to its pin. Texts of venues become text nodes, never HTML.
const map = window.map_kayutangan;
const canvas = map.getContainer();
const form = document.getElementById("filters");
const SIGNS = { open: "✓", closes: "◔", closed: "×", unknown: "?" };
const WORDS_FOR_ALL = 17; // from this zoom on, "hours unknown" is written out too
const pins = new Map();
const layer = L.layerGroup().addTo(map);

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function pin(feature, rank) {
  const { name, opening, label, short, age, group, occupancy } = feature.properties;
  const html = document.createElement("div");
  html.append(element("span", "sign", SIGNS[opening]), element("span", "words", short));
  html.style.display = "contents";
  const [lon, lat] = feature.geometry.coordinates;
  const icon = L.divIcon({ html, className: ["pin", opening, group, opening === "unknown" || age === "fresh" ? "" : "old", occupancy ? "live" : ""].filter(Boolean).join(" "), iconSize: [28, 28], iconAnchor: [14, 14] });
  const marker = L.marker([lat, lon], { icon, title: `${name}: ${label}`, keyboard: false, zIndexOffset: -rank * 10, riseOnHover: true });
  marker.on("click", () => { row(feature.id)?.querySelector("a").click(); });
  marker.on("mouseover", () => lift(feature.id, true));
  marker.on("mouseout", () => lift(feature.id, false));
  return marker;
}

const row = (id) => document.getElementById(`spot-${id}`);

function lift(id, up, scroll = true) {
  row(id)?.classList.toggle("lifted", up);
  pins.get(id)?.getElement()?.classList.toggle("lifted", up);
  pins.get(id)?.setZIndexOffset(up ? 10000 : -10 * [...pins.keys()].indexOf(id));
  const sheet = document.getElementById("sheet");
  if (up && scroll && getComputedStyle(sheet).overflowY === "auto") row(id)?.scrollIntoView({ block: "nearest" });
}

// A label that would lie on a more useful one is left out; its sign and the list still tell.
function declutter() {
  canvas.classList.toggle("far", map.getZoom() < WORDS_FOR_ALL);
  const taken = [];
  for (const marker of pins.values()) {
    const pinElement = marker.getElement();
    pinElement.classList.remove("quiet");
    const box = pinElement.querySelector(".words").getBoundingClientRect();
    const hit = taken.some((t) => box.left < t.right && t.left < box.right && box.top < t.bottom && t.top < box.bottom);
    pinElement.classList.toggle("quiet", hit);
    if (!hit) taken.push(box);
    taken.push(pinElement.querySelector(".sign").getBoundingClientRect());
  }
}

function bindRows() {
  for (const item of document.querySelectorAll(".spots li[data-id]")) {
    for (const [event, up] of [["mouseenter", true], ["focusin", true], ["mouseleave", false], ["focusout", false]]) {
      item.addEventListener(event, () => lift(item.dataset.id, up, false));
    }
  }
}

// Tonight is not written into the address, or the link would be about a night that is over tomorrow.
const nightChosen = new URLSearchParams(location.search).has("night");
const asked = () => {
  const fields = new URLSearchParams(new FormData(form));
  for (const [key, value] of [...fields]) if (!value) fields.delete(key, value);
  if (!nightChosen && form.elements.night.value === form.elements.night.defaultValue) fields.delete("night");
  return fields;
};

async function showPins(signal) {
  const fields = asked();
  fields.set("lang", document.documentElement.lang);
  fields.delete("k"); // the short link one came by is for pages
  const answer = await fetch(`${canvas.dataset.source}?${fields}`, { signal });
  if (!answer.ok) return;
  const { features } = await answer.json();
  layer.clearLayers();
  pins.clear();
  features.forEach((feature, rank) => pins.set(feature.id, pin(feature, rank).addTo(layer)));
  declutter();
}

// The zone is redrawn for the walk that was chosen; the shell has drawn the usual one.
let zoneLayer = null;
let zoneShown = "";
async function showZone(signal) {
  const minutes = new FormData(form).get("max_walk_min") ?? "";
  if (minutes === zoneShown) return;
  const answer = await fetch(`${canvas.dataset.zone}${minutes && `?max_walk_min=${minutes}`}`, { signal });
  if (!answer.ok) return;
  const drawn = L.geoJSON(await answer.json(), { interactive: false, style: () => ({ className: "zone" }) });
  zoneLayer?.remove();
  zoneLayer = drawn.addTo(map);
  drawn.bringToBack();
  zoneShown = minutes;
  if (drawn.getBounds().isValid()) map.fitBounds(drawn.getBounds(), { padding: [8, 8], animate: false });
}

// The list is the server's own: the page is fetched again and its changed parts are taken over. An answer that is
// not a good one is shown whole, so that its message is seen; a newer change calls an older one off.
let last = new AbortController();
async function refresh() {
  if (!form.reportValidity()) return;
  last.abort();
  last = new AbortController();
  const { signal } = last;
  const address = `${new URL(form.action).pathname}?${asked()}`;
  try {
    const answer = await fetch(address, { signal });
    if (!answer.ok) return location.assign(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of ["#sheet", ".answer", ".window summary", ".language"]) {
      document.querySelector(part).replaceWith(page.querySelector(part));
    }
    history.replaceState(null, "", address);
    bindRows();
    await Promise.all([showPins(signal), showZone(signal)]);
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
  }
}

form.addEventListener("change", refresh);
document.documentElement.classList.add("enhanced");
L.control.zoom({ position: "bottomright", zoomInTitle: canvas.dataset.zoomIn, zoomOutTitle: canvas.dataset.zoomOut }).addTo(map);
map.attributionControl.setPrefix(false);
map.eachLayer((shown) => {
  if (shown.feature?.properties?.name) shown.bindTooltip(element("span", "", `${canvas.dataset.pickup}: ${shown.feature.properties.name}`));
  if (shown.feature?.properties?.class !== "zone") return;
  zoneLayer = shown;
  map.fitBounds(shown.getBounds(), { padding: [8, 8], animate: false });
});
map.on("zoomend moveend", declutter);
bindRows();
await Promise.all([showPins(), showZone()]);
if (location.hash.startsWith("#at-")) {
  const id = location.hash.slice("#at-".length);
  canvas.scrollIntoView({ block: "nearest" });
  if (pins.has(id)) map.setView(pins.get(id).getLatLng(), 17, { animate: false });
  lift(id, true);
}
