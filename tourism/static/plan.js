// Print the plan, and keep it on this phone for where there is no signal.
const print = document.getElementById("print");
const kept = document.getElementById("kept");

if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

if (kept && "serviceWorker" in navigator) {
  await navigator.serviceWorker.register("/sw.js");
  const { active } = await navigator.serviceWorker.ready;
  const answer = new MessageChannel();
  answer.port1.onmessage = ({ data }) => { kept.hidden = !data.kept; };
  active.postMessage({ page: location.pathname + location.search }, [answer.port2]);
}
