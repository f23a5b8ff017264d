// Print the plan, and keep it on this phone for where there is no signal.
const print = document.getElementById("print");
const kept = document.getElementById("kept");

if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// A turn may move while its page is open.
const turn = document.querySelector("[data-turn]");
if (turn) {
  setInterval(async () => {
    try {
      const page = new DOMParser().parseFromString(await (await fetch(location.href, { cache: "no-store" })).text(), "text/html");
      const now = page.querySelector("[data-turn]");
      if (now && now.dataset.turn !== turn.dataset.turn) location.reload();
    } catch { /* no signal: the page stays as it was */ }
  }, 60_000);
}

if (kept && "serviceWorker" in navigator) {
  await navigator.serviceWorker.register("/sw.js");
  const { active } = await navigator.serviceWorker.ready;
  const answer = new MessageChannel();
  answer.port1.onmessage = ({ data }) => { kept.hidden = !data.kept; };
  active.postMessage({ page: location.pathname + location.search }, [answer.port2]);
}
