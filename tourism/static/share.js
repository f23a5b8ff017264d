// Share by the phone's own sheet, else copy the link; without either the button stays hidden.
const button = document.getElementById("share");

function here() {
  const asked = new URLSearchParams(location.search);
  for (const own of ["said", "lang", "k"]) asked.delete(own);
  return `${location.pathname}${asked.size ? `?${asked}` : ""}`;
}

if (button) {
  const address = location.origin + (button.dataset.address ?? here());
  button.hidden = !(navigator.share || navigator.clipboard);
  button.addEventListener("click", async () => {
    try {
      if (navigator.share) return await navigator.share({ title: button.dataset.title, url: address });
      await navigator.clipboard.writeText(address);
      document.getElementById("shared").textContent = button.dataset.done;
    } catch (error) {
      if (error.name !== "AbortError") document.getElementById("shared").textContent = address;
    }
  });
}
