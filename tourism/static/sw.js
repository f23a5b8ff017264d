// Keeps the plans that were opened, with their style and scripts, for where there is no signal.
const PLANS = "plans-1";
const PARTS = "parts-1";
const MOST = { [PLANS]: 20, [PARTS]: 40 };
const PATIENCE_MS = 4000;
const SAME = { ignoreVary: true }; // the worker's own requests may name other languages than the page's
const OFFLINE = ["/offline", "/offline?lang=id", "/offline?lang=en"];

self.addEventListener("install", (event) => {
  event.waitUntil(Promise.all(OFFLINE.map((address) => keep(address))).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((n) => !(n in MOST)).map((n) => caches.delete(n))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

// A page that was opened before this worker was there asks to be kept.
self.addEventListener("message", (event) => {
  const { page } = event.data;
  const say = (kept) => event.ports[0].postMessage({ kept });
  event.waitUntil(caches.match(page, SAME).then((found) => found ?? keep(page)).then(() => say(true), () => say(false)));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event, /^(\/[a-z]+)?\/plan$/.test(pathname)));
  else if (pathname.startsWith("/static/")) event.respondWith(caches.match(request, SAME).then((found) => found ?? fetch(request)));
});

// Ask the network first; a saved page answers when it says nothing, or nothing in time.
async function page(event, isPlan) {
  const { request } = event;
  const saved = await caches.match(request.url, SAME);
  let fresh;
  try {
    // A page that leads on to another one is the browser's to follow.
    fresh = await fetch(request.url, {
      headers: asking(request), redirect: "manual", signal: saved ? AbortSignal.timeout(PATIENCE_MS) : undefined,
    });
  } catch { /* no signal */ }
  if (fresh && (fresh.status < 500 || !saved)) {
    if (isPlan && fresh.ok) event.waitUntil(keep(request.url, fresh.clone()).catch(() => {})); // a full phone keeps nothing
    return fresh;
  }
  return saved ? marked(saved) : offline(request.url);
}

// What a worker fetches is no navigation to the server, unless it says for what it does so.
function asking({ headers }) {
  const found = new Headers(headers);
  found.set("X-Navigation", "1");
  return found;
}

async function offline(address) {
  const lang = new URL(address).searchParams.get("lang");
  return (await caches.match(`/offline${lang ? `?lang=${lang}` : ""}`, SAME)) ?? (await caches.match("/offline", SAME)) ?? Response.error();
}

// Say on the page that it is a saved one.
async function marked(found) {
  const text = (await found.text()).replace("<html ", "<html data-saved ");
  return new Response(text, { headers: found.headers });
}

// Keep a page with the style and scripts it names, and forget the oldest.
async function keep(address, answer) {
  const fresh = answer ?? (await fetch(address));
  if (!fresh.ok) throw new Error(address);
  const names = [...(await fresh.clone().text()).matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1]);
  const parts = await caches.open(PARTS);
  for (const name of names) if (!(await parts.match(name))) await parts.add(name);
  await (await caches.open(PLANS)).put(address, fresh);
  await Promise.all(Object.keys(MOST).map(forgetOldest));
}

async function forgetOldest(name) {
  const cache = await caches.open(name);
  const keys = (await cache.keys()).filter((key) => new URL(key.url).pathname !== "/offline");
  await Promise.all(keys.slice(0, -MOST[name]).map((key) => cache.delete(key)));
}
