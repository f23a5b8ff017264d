// Keeps a board or wall as it is now: asks again every few seconds, says how old it is when nobody answers.
const EVERY_MS = 5000;
const PATIENCE_MS = 8000;
const board = document.querySelector("[data-live]");
const rows = board.querySelector("[data-rows]");
const lost = board.querySelector(".lost");
const clock = board.querySelector("[data-clock]");
const inWib = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Jakarta", hour: "2-digit", minute: "2-digit" });
let etag = "";
let seen = new Date();

const written = (instant) => inWib.format(instant).replace(":", clock.dataset.clock);

async function ask() {
  try {
    const headers = etag ? { "If-None-Match": etag } : {};
    const answer = await fetch(board.dataset.live, { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status === 200) {
      rows.innerHTML = await answer.text(); // our own page, escaped where it was written
      etag = answer.headers.get("ETag") ?? "";
    } else if (answer.status !== 304) throw new Error(answer.status);
    seen = new Date();
    lost.hidden = true;
  } catch {
    const minutes = Math.floor((Date.now() - seen) / 60_000);
    lost.textContent = board.dataset.lost.replace("{clock}", written(seen)).replace("{minutes}", minutes);
    lost.hidden = false;
  }
  again();
}

// Screens that were switched on together must not ask together.
function again() {
  setTimeout(ask, EVERY_MS * (0.8 + 0.4 * Math.random()));
}

setInterval(() => { clock.firstElementChild.textContent = written(new Date()); }, 1000);
again();
