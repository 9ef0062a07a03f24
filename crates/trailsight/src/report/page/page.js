"use strict";
// Readings from the charts, their tables, and the list's filter and order. The page is whole without it.
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const number = (value) => value === null ? "unknown" : value < 0.001 && value > 0 ? "under 0.001" : value.toLocaleString("en", { maximumSignificantDigits: 3 });
  const time = (chart, step) => new Date((chart.from + step * chart.step) * 60000).toISOString();
  const clock = (chart, step) => time(chart, step).slice(5, 16).replace("T", " ");
  const calls = (count) => `${count.toLocaleString("en")} ${count === 1 ? "call" : "calls"}`;

  function reading(chart, step) {
    const until = chart.step > 1 ? ` to ${time(chart, step + 1).slice(11, 16)}` : "";
    const usual = chart.expected[step] !== undefined ? `, ${number(chart.expected[step])} expected, up to ${number(chart.high[step])} usual` : "";
    return `${clock(chart, step)}${until} UTC: ${calls(chart.calls[step])}${usual}`;
  }

  for (const plot of all(".plot[data-chart]")) {
    const chart = charts[plot.dataset.chart];
    const steps = chart.calls.length;
    const output = plot.closest("figure").querySelector("output");
    const cursor = plot.querySelector(".cursor");
    const rest = output.textContent;
    let at = Number(plot.getAttribute("aria-valuenow"));

    const read = (step) => {
      at = Math.max(0, Math.min(steps - 1, step));
      const x = `${((at + 0.5) / steps) * 100}%`;
      cursor.setAttribute("x1", x);
      cursor.setAttribute("x2", x);
      output.textContent = reading(chart, at);
      plot.setAttribute("aria-valuenow", at);
      plot.setAttribute("aria-valuetext", output.textContent);
      plot.classList.add("reading");
    };
    const leave = () => {
      plot.classList.remove("reading");
      output.textContent = rest;
    };
    plot.addEventListener("pointermove", (event) => {
      const box = plot.getBoundingClientRect();
      read(Math.floor(((event.clientX - box.left) / box.width) * steps));
    });
    plot.addEventListener("pointerleave", leave);
    plot.addEventListener("focus", () => plot.matches(":focus-visible") && read(at));
    plot.addEventListener("blur", leave);
    plot.addEventListener("keydown", (event) => {
      const page = Math.max(1, Math.round(steps / 10));
      const to = {
        ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1,
        PageDown: at - page, PageUp: at + page, Home: 0, End: steps - 1,
      }[event.key];
      if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      read(to);
    });
  }

  for (const details of all("details[data-table]")) {
    details.addEventListener("toggle", () => {
      if (!details.open || details.querySelector("table")) return;
      const chart = charts[details.dataset.table];
      const table = document.createElement("table");
      const row = (cells, kind, parent) => {
        const line = parent.insertRow();
        for (const cell of cells) {
          const made = document.createElement(kind);
          made.textContent = cell;
          line.append(made);
        }
      };
      const usual = chart.expected.length === chart.calls.length;
      row(["From (UTC)", "Calls", ...(usual ? ["Expected", "Usual up to"] : [])], "th", table.createTHead());
      const body = table.createTBody();
      chart.calls.forEach((count, step) => {
        row([clock(chart, step), count.toLocaleString("en"), ...(usual ? [number(chart.expected[step]), number(chart.high[step])] : [])], "td", body);
      });
      details.querySelector(".scroll").append(table);
    });
  }

  const filter = document.getElementById("filter");
  if (!filter) return;
  filter.closest(".tools").hidden = false;
  const rows = all("#list tbody tr");
  const shown = document.getElementById("shown");

  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits = words.every((word) => row.dataset.words.includes(word));
      row.hidden = !fits;
      document.getElementById(row.dataset.of).hidden = !fits;
      count += fits;
    }
    shown.textContent = words.length ? `${count} of ${rows.length} shown` : "";
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      filter.focus();
    } else if (event.key === "Escape" && document.activeElement === filter) {
      filter.value = "";
      filter.dispatchEvent(new Event("input"));
    }
  });

  const body = document.querySelector("#list tbody");
  for (const head of all("#list th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const key = head.dataset.sort;
      const isText = key === "name";
      const down = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") !== "descending" : !isText;
      all("#list th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const order = (a, b) => isText ? a.dataset[key].localeCompare(b.dataset[key]) : a.dataset[key] - b.dataset[key];
      rows.sort((a, b) => (down ? order(b, a) : order(a, b)));
      body.append(...rows);
    });
  }
})();
