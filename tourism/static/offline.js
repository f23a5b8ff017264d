// List the plans that were saved on this phone, the latest first.
const list = document.getElementById("plans");
const plans = await caches.open("plans-1");
for (const request of [...(await plans.keys())].reverse()) {
  const { pathname, search } = new URL(request.url);
  if (!pathname.endsWith("/plan")) continue;
  const page = new DOMParser().parseFromString(await (await plans.match(request)).text(), "text/html");
  const link = document.createElement("a");
  link.href = pathname + search;
  link.textContent = `${page.querySelector("h1").textContent.trim()} · ${page.querySelector(".when")?.textContent.trim() ?? ""}`;
  const row = document.createElement("li");
  row.append(link);
  list.append(row);
}
