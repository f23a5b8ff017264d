// The joint map: places and the rough outlines of municipalities. Texts of listings become text nodes, never HTML.
const canvas = document.getElementById("places-map");
const words = canvas.dataset;
const kinds = JSON.parse(words.kinds);
const map = L.map(canvas, { zoomControl: false, preferCanvas: true, maxZoom: 19 }).setView([-8, 112.63], 10);
map.attributionControl.setPrefix(false).addAttribution("© OpenStreetMap contributors");
L.control.zoom({ position: "bottomright", zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
if (words.tiles) {
  const tiles = L.tileLayer(words.tiles, { maxZoom: 19, attribution: "© OpenStreetMap contributors" });
  L.control.layers({}, { OpenStreetMap: tiles }, { position: "topright" }).addTo(map);
}

function line(parent, tag, text, className = "") {
  if (!text) return null;
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  parent.append(made);
  return made;
}

function popup(feature) {
  const { name, kind, address, hours, note, providers, page, uncertainty_m: rough } = feature.properties;
  const box = document.createElement("div");
  line(box, "strong", name);
  line(box, "p", [kinds[kind] ?? kind, address].filter(Boolean).join(" · "));
  line(box, "p", hours ? `${words.hours}: ${hours}` : words.hoursUnknown);
  line(box, "p", note);
  if (rough >= 100) line(box, "p", words.rough.replace("{metres}", rough));
  line(box, "p", `${words.listedBy}: ${providers}`, "detail");
  if (page) {
    const link = line(box, "a", words.more);
    link.href = `/spots/${encodeURIComponent(feature.id)}?lang=${document.documentElement.lang}`;
    if (words.blank) link.target = "_blank";
  }
  return box;
}

const style = getComputedStyle(canvas);
const colour = (name) => style.getPropertyValue(name).trim();
const points = new Map();
const answer = await fetch(words.source);
if (answer.ok) {
  const { features } = await answer.json();
  const outlines = L.geoJSON(features.filter((f) => f.properties.outline), {
    interactive: false,
    style: () => ({ color: colour("--soft"), weight: 1.5, dashArray: "5 5", fillOpacity: 0.04, fillColor: colour("--accent") }),
    onEachFeature: (feature, layer) => layer.bindTooltip(feature.properties.outline, { permanent: true, direction: "center", className: "outline-name" }),
  }).addTo(map);
  const places = L.geoJSON(features.filter((f) => !f.properties.outline), {
    pointToLayer: (feature, at) => L.circleMarker(at, { radius: 7, weight: 2, color: colour("--night"), fillColor: colour("--accent"), fillOpacity: 1 }),
    onEachFeature: (feature, layer) => { layer.bindPopup(() => popup(feature), { maxHeight: Math.max(canvas.clientHeight - 110, 120), autoPanPaddingTopLeft: [12, 12], autoPanPaddingBottomRight: [64, 12] }); points.set(String(feature.id), layer); },
  }).addTo(map);
  const bounds = places.getLayers().length > 1 ? places.getBounds() : outlines.getBounds();
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [20, 20], maxZoom: 15, animate: false });
}
canvas.dataset.ready = points.size;
for (const row of document.querySelectorAll("[data-place]")) {
  row.addEventListener("click", () => {
    const layer = points.get(row.dataset.place);
    if (!layer) return;
    canvas.scrollIntoView({ block: "nearest" });
    map.setView(layer.getLatLng(), Math.max(map.getZoom(), 15), { animate: false });
    layer.openPopup();
  });
}
