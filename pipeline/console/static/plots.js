// Draws the plots of charts/plot.py with uPlot, so that values can be read off. Loaded after console.js, on pages
// that have plots. What the server drew stays in the page: for print, and for browsers in which this fails.
"use strict";

const HIGH = 190; // pixels
const DAY = 86400; // seconds
const MARGIN = 0.5; // of a step, before the first column and after the last
const WIDTHS = [0.84, 0.5]; // of the series, as parts of a step: as in charts/plot.py
const FORM = { en: "en-GB" }[language] || language; // days before months, as the server writes them
const drawn = new Map(); // figure -> its plot

// Days are counted in the zone of the page; so are hours, until the browser's own zone is known to the server.
const plotZone = () => (foreign ? zone : root.dataset.zone);
const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
const count = (value) => (value == null ? "–" : value.toLocaleString(language));

function timeFormat(step, whole) {
  const day = { day: "numeric", month: "short" };
  const form = step >= DAY ? day : whole ? { ...day, hour: "2-digit", minute: "2-digit" } : { hour: "2-digit", minute: "2-digit" };
  const format = new Intl.DateTimeFormat(FORM, { ...form, hourCycle: "h23", timeZone: step >= DAY ? root.dataset.zone : plotZone() });
  return (seconds) => format.format(seconds * 1000);
}

function options(data, width) {
  const { times, step, series } = data;
  const spoken = timeFormat(step, true);
  const short = timeFormat(step, times.at(-1) - times[0] >= DAY);
  const grid = { stroke: colour("--line"), width: 1 };
  const axis = { stroke: colour("--muted"), font: `12px ${getComputedStyle(document.body).fontFamily}`, grid, ticks: grid };
  return {
    width, height: HIGH, legend: { live: true, markers: { width: 0 } },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false }, focus: { prox: -1 } },
    scales: {
      x: { time: true, range: () => [times[0] - step * MARGIN, times.at(-1) + step * MARGIN] },
      y: { range: (_, least, most) => [0, Math.max(1, most)] },
    },
    axes: [
      { ...axis, grid: { show: false }, space: 90, values: (_, splits) => splits.map(short), splits: () => ticks(times, width) },
      { ...axis, size: 50, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4, 1e5, 1e6], values: (_, splits) => splits.map(count) },
    ],
    series: [
      { label: document.body.dataset.when, value: (_, seconds) => (seconds == null ? "–" : spoken(seconds)) },
      ...series.map(({ label }, n) => ({
        label, value: (_, value) => count(value), stroke: colour(`--series-${n + 1}`), fill: colour(`--series-${n + 1}`),
        width: 0, paths: uPlot.paths.bars({ size: [WIDTHS[n], 64, 2] }), points: { show: false },
      })),
    ],
  };
}

// A mark below some of the columns, so that each says when its column is.
function ticks(times, width) {
  const every = Math.max(1, Math.ceil((times.length * 100) / width));
  return times.filter((_, n) => n % every === 0);
}

function draw(figure) {
  const data = JSON.parse(figure.dataset.plot);
  const place = figure.querySelector(".plot-read") || figure.appendChild(document.createElement("div"));
  place.className = "plot-read";
  place.setAttribute("aria-hidden", "true"); // the table beside it has the numbers
  drawn.get(figure)?.destroy();
  drawn.set(figure, new uPlot(options(data, place.clientWidth), [data.times, ...data.series.map((one) => one.counts)], place));
  figure.classList.add("read");
}

const widths = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const plot = drawn.get(target);
    if (plot && Math.abs(plot.width - target.clientWidth) > 1) draw(target);
  }
});

// Those that came with the page, or later as a part of it.
function drawNew() {
  for (const figure of [...drawn.keys()]) if (!document.contains(figure)) drawn.delete(figure);
  for (const figure of document.querySelectorAll("[data-plot]")) {
    if (drawn.has(figure)) continue;
    draw(figure);
    widths.observe(figure);
  }
}

const recolour = () => [...drawn.keys()].forEach(draw);

drawNew();
document.addEventListener("htmx:afterSettle", drawNew);
new MutationObserver(recolour).observe(root, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
