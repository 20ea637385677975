(() => {
  "use strict";
  const filter = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const sections = [...document.querySelectorAll("details")];
  const drawn = [...document.querySelectorAll(".drawing [data-engine]")];
  const rows = [...document.querySelectorAll("tbody tr[data-engine]")]
    .map(row => ({ row, engine: row.dataset.engine, text: row.textContent.toLowerCase() }));
  const all = new Set(rows.map(({ engine }) => engine)).size;
  let before = null;

  const opened = () => sections.map(section => section.open);
  const restore = state => sections.forEach((section, index) => { section.open = state[index]; });

  const apply = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(word => word);
    const hits = new Set();
    for (const { row, engine, text } of rows) {
      row.hidden = !words.every(word => text.includes(word));
      if (!row.hidden) {
        hits.add(engine);
      }
    }

    for (const part of drawn) {
      part.classList.toggle("off", !hits.has(part.dataset.engine));
    }

    if (words.length > 0) {
      before ??= opened();
      for (const section of sections) {
        section.hidden = !section.querySelector("tbody tr:not([hidden])");
        section.open = !section.hidden;
      }
    } else {
      sections.forEach(section => { section.hidden = false; });
      if (before) {
        restore(before);
        before = null;
      }
    }

    shown.textContent = words.length > 0 ? `${hits.size} of ${all} engines shown` : `${all} engines shown`;
  };

  let printed = null;
  addEventListener("beforeprint", () => {
    printed = opened();
    sections.forEach(section => { section.open = true; });
  });
  addEventListener("afterprint", () => restore(printed));
  document.getElementById("expand").addEventListener("click", () => sections.forEach(section => { section.open = true; }));
  document.getElementById("collapse").addEventListener("click", () => sections.forEach(section => { section.open = false; }));
  filter.addEventListener("input", apply);
  document.querySelector(".controls").hidden = false;
  apply();
})();
