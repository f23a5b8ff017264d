// Keeps the plans that were opened, with their style and scripts, for where there is no signal.
const PLANS = "plans-1";
const PARTS = "parts-1";
const MOST = 20;
const SAME = { ignoreVary: true }; // the worker's own requests may name other languages than the page's
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(keep("/offline").then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const ours = [PLANS, PARTS];
  const old = caches.keys().then((names) => Promise.all(names.filter((n) => !ours.includes(n)).map((n) => caches.delete(n))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

// A page that was opened before this worker was there asks to be kept.
self.addEventListener("message", (event) => {
  const say = (kept) => event.ports[0].postMessage({ kept });
  event.waitUntil(keep(event.data.page).then(forgetOldest).then(() => say(true), () => say(false)));
});

// Keep a page with the style and scripts it names.
async function keep(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(address);
  const names = [...(await answer.clone().text()).matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1]);
  await caches.open(PARTS).then((parts) => parts.addAll(names));
  await caches.open(PLANS).then((plans) => plans.put(address, answer));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === "/plan") event.respondWith(page(request));
  else if (request.mode === "navigate" && pathname === "/offline") event.respondWith(fetch(request).catch(() => caches.match("/offline", SAME)));
  else if (pathname.startsWith("/static/")) event.respondWith(caches.match(request).then((found) => found ?? fetch(request)));
});

async function page(request) {
  const saved = caches.open(PLANS).then((plans) => plans.match(request, SAME));
  const limit = AbortSignal.timeout(PATIENCE_MS);
  try {
    const fresh = await fetch(request.url, { signal: (await saved) ? limit : undefined, headers: request.headers });
    if (fresh.status < 500 || !(await saved)) {
      if (fresh.ok) await caches.open(PLANS).then((plans) => plans.put(request, fresh.clone())).then(forgetOldest);
      return fresh;
    }
  } catch { /* no signal: what was saved answers */ }
  const found = await saved;
  return found ? marked(found) : Response.redirect("/offline", 302);
}

// Say on the page that it is a saved one.
async function marked(found) {
  const text = (await found.text()).replace("<html ", "<html data-saved ");
  return new Response(text, { headers: found.headers });
}

async function forgetOldest() {
  const plans = await caches.open(PLANS);
  const keys = (await plans.keys()).filter((key) => new URL(key.url).pathname === "/plan");
  await Promise.all(keys.slice(0, -MOST).map((key) => plans.delete(key)));
}
