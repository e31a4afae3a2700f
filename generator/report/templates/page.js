// Shows only the agents that hold every word of the filter. Without it, all are shown.
(() => {
  const label = document.querySelector(".filter");
  const rows = [...document.querySelectorAll("#agents-table tbody tr")];
  if (!label || rows.length < 9) return;
  const texts = rows.map((row) => row.cells[0].textContent.toLowerCase());
  label.hidden = false;
  label.querySelector("input").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/);
    rows.forEach((row, index) => { row.hidden = !words.every((word) => texts[index].includes(word)); });
  });
})();
