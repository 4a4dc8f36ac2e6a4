/* Small additions to pages that work without them: theme, keyboard, dropping files, and a closer look at charts. */

const COLOURS = ["--ink", "--ink-2", "--line", "--back", "--card"];

/** Turn light to dark and back, beginning from what the system prefers. Kept in a cookie: the server writes it, no page flashes. */
function changeTheme() {
  const root = document.documentElement;
  const now = root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
}

function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** `/` goes to the search of this page or to People; `g` then a letter opens a place. */
let afterG = 0;
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "/") {
    event.preventDefault();
    const search = document.querySelector("[data-search]");
    if (search) search.focus();
    else document.querySelector('[data-go="p"]')?.click();
  } else if (event.key === "g") afterG = Date.now();
  else if (Date.now() - afterG < 1200) {
    afterG = 0;
    document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)?.click();
  }
}

/** Read the numbers of a chart from the table beneath it: one source for eye, screen reader and picture. */
function numbersOf(figure) {
  return [...figure.querySelectorAll("tbody tr")].map((row) => ({
    label: row.cells[0].textContent.trim(),
    text: row.cells[1].textContent.trim(),
    value: Number(row.dataset.value),
    low: row.dataset.low ? Number(row.dataset.low) : null,
    high: row.dataset.high ? Number(row.dataset.high) : null,
  }));
}

function loadOnce(src) {
  if (globalThis.echarts) return Promise.resolve();
  return new Promise((done, failed) => {
    const script = Object.assign(document.createElement("script"), { src, onload: done, onerror: failed });
    document.head.append(script);
  });
}

/** Replace the drawn picture by one that can be pointed at and zoomed. */
async function explore(button) {
  const figure = button.closest("figure");
  const stage = figure.querySelector(".stage");
  button.disabled = true;
  await loadOnce(button.dataset.explore);
  const style = getComputedStyle(document.documentElement);
  stage.hidden = false;
  const [ink, ink2, line, back, card] = COLOURS.map((name) => resolved(style.getPropertyValue(name), stage));
  const points = numbersOf(figure);
  const scale = Number(figure.dataset.scale || 1);
  const banded = points.every((point) => point.low !== null);
  const chart = globalThis.echarts.init(stage, null, { renderer: "canvas" });
  const area = { type: "line", stack: "band", stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false } };
  chart.setOption({
    aria: { enabled: true }, animation: false,
    grid: { left: 8, right: 24, top: 16, bottom: 48, containLabel: true },
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    tooltip: {
      trigger: "axis", renderMode: "richText", backgroundColor: card, borderColor: line, textStyle: { color: ink },
      formatter: (items) => { const point = points[items[0].dataIndex]; return `${point.label}\n${point.text}`; },
    },
    xAxis: { type: "category", boundaryGap: false, data: points.map((p) => p.label), axisLabel: { color: ink2 }, axisLine: { lineStyle: { color: line } } },
    yAxis: { type: "value", scale: true, axisLabel: { color: ink2 }, splitLine: { lineStyle: { color: line } } },
    dataZoom: [{ type: "inside" }],
    series: [
      ...(banded ? [{ ...area, data: points.map((p) => p.low * scale) }, { ...area, data: points.map((p) => (p.high - p.low) * scale), areaStyle: { color: back, opacity: 0.15 } }] : []),
      { type: "line", data: points.map((p) => p.value * scale), symbolSize: 6, color: back, lineStyle: { color: back, width: 2.25 } },
    ],
  });
  for (const drawn of figure.querySelectorAll(".chart")) drawn.remove();
  button.remove();
  new ResizeObserver(() => chart.resize()).observe(stage);
}

/** `light-dark()` is not known to the chart library: ask the browser for the colour it means here. */
function resolved(colour, element) {
  element.style.color = colour;
  const rgb = getComputedStyle(element).color;
  element.style.color = "";
  return rgb;
}

/** Let a file be dropped anywhere on the dashed field; the input itself stays the way for everybody else. */
function enableDrop(zone) {
  const input = zone.querySelector('input[type="file"]');
  for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => { event.preventDefault(); input.files = event.dataTransfer.files; });
}

function prepare(root) {
  for (const hidden of root.querySelectorAll("[data-needs-js]")) hidden.hidden = false;
  for (const zone of root.querySelectorAll("[data-drop]")) enableDrop(zone);
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (button?.dataset.explore) explore(button);
  else if ("theme" in (button?.dataset ?? {})) changeTheme();
  for (const sheet of document.querySelectorAll("details[data-sheet][open]")) if (!sheet.contains(event.target)) sheet.open = false;
});
document.addEventListener("keydown", onKey);
document.addEventListener("htmx:after:swap", () => prepare(document));
prepare(document);
