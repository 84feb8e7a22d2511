// Charts with Apache ECharts, bound by data attributes. A page loads, deferred and in this order, vendor/echarts/echarts.min.js,
// site/charts.js and its own script, and site/charts.css in its head. The parts of the page:
//
//   <div class="chart" data-chart="KIND" data-chart-json="#id" role="img" aria-label="What it shows"></div>
//   {{ data|json_script:"id" }}                       or, instead of data-chart-json, data-chart-url="address of the JSON"
//   <details class="chart-table"> table </details>    the same numbers for everybody who cannot see the drawing
//
// The page's script registers how its data become an ECharts option (https://echarts.apache.org/en/option.html):
//
//   charts.kind("KIND", (data, look, element) => ({ xAxis: {...}, series: [...] }));
//
// `look` holds the page's colours (dark mode included): text, soft, edge, sheet, accent, good and `series`, a list of eight.
// Items of a series that carry `url` are links. charts.refresh(element) fetches the address again; charts.show(element, data)
// draws other data. The tooltip is drawn on the canvas: the content security policy forbids styles inside HTML strings.

const charts = (() => {
  const kinds = new Map();
  const drawn = new Map(); // element -> {chart, data}
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const resized = new ResizeObserver((entries) => entries.forEach((entry) => drawn.get(entry.target)?.chart.resize()));

  const lookOf = (element) => {
    const style = getComputedStyle(element);
    const colour = (name) => style.getPropertyValue(name).trim();
    return {
      text: colour("--graphite"),
      soft: colour("--graphite-soft"),
      edge: colour("--sheet-edge"),
      sheet: colour("--sheet"),
      accent: colour("--chalk"),
      good: colour("--good"),
      series: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => colour(`--chart-${n}`)),
      font: style.fontFamily.replaceAll('"', "'"), // the SVG renderer puts it between double quotes
    };
  };

  const axis = (look, given = {}) => ({
    axisLine: { lineStyle: { color: look.soft } },
    axisLabel: { color: look.soft, hideOverlap: true, ...given.axisLabel },
    nameTextStyle: { color: look.soft, ...given.nameTextStyle },
    splitLine: { lineStyle: { color: look.edge, type: "dashed" }, ...given.splitLine },
  });

  // What every chart of the site shares; what the kind says goes first.
  const complete = (option, look) => {
    const axes = (given) => (Array.isArray(given) ? given : [given]).map((one) => ({ ...one, ...axis(look, one) }));
    const whole = {
      animation: !still.matches,
      animationDuration: 250,
      color: look.series,
      backgroundColor: "transparent",
      aria: { enabled: false }, // the page gives a label and a table
      ...option,
      textStyle: { fontFamily: look.font, color: look.text, ...option.textStyle },
      grid: { left: 8, right: 16, top: 44, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "all", ...option.grid },
      tooltip: {
        renderMode: "richText",
        confine: true,
        transitionDuration: still.matches ? 0 : 0.2,
        backgroundColor: look.sheet,
        borderColor: look.edge,
        textStyle: { color: look.text, fontFamily: look.font, fontSize: 13 },
        ...option.tooltip,
      },
    };
    if (option.legend) {
      whole.legend = { type: "scroll", top: 4, textStyle: { color: look.text }, inactiveColor: look.soft, ...option.legend };
    }
    if (option.xAxis) whole.xAxis = axes(option.xAxis);
    if (option.yAxis) whole.yAxis = axes(option.yAxis);
    return whole;
  };

  const paint = (element) => {
    const entry = drawn.get(element);
    const build = kinds.get(element.dataset.chart);
    if (!entry || !build || entry.data === undefined) return;
    const look = lookOf(element);
    // Whole options each time: what the data no longer hold must leave the drawing too. Zoom is kept by hand.
    const zoom = entry.chart.getOption()?.dataZoom;
    entry.chart.setOption(complete(build(entry.data, look, element), look), { notMerge: true });
    zoom?.forEach(({ start, end }, index) => {
      if (start > 0 || end < 100) entry.chart.dispatchAction({ type: "dataZoom", dataZoomIndex: index, start, end });
    });
  };

  const show = (element, data) => {
    if (!drawn.has(element)) {
      const chart = echarts.init(element, null, { renderer: "canvas" });
      chart.on("click", (event) => {
        if (event.data?.url) window.location.assign(event.data.url);
      });
      drawn.set(element, { chart, data: undefined });
      resized.observe(element);
    }
    drawn.get(element).data = data;
    paint(element);
  };

  const refresh = async (element) => {
    const answer = await fetch(element.dataset.chartUrl, { headers: { Accept: "application/json" } });
    if (answer.ok) show(element, await answer.json());
  };

  const start = (element) => {
    if (drawn.has(element) || !kinds.has(element.dataset.chart)) return;
    const source = element.dataset.chartJson && document.querySelector(element.dataset.chartJson);
    if (source) show(element, JSON.parse(source.textContent));
    else if (element.dataset.chartUrl) refresh(element);
  };

  const startAll = (root) => root.querySelectorAll("[data-chart]").forEach(start);
  const forget = () => {
    for (const [element, { chart }] of drawn) {
      if (element.isConnected) continue;
      resized.unobserve(element);
      chart.dispose();
      drawn.delete(element);
    }
  };

  document.addEventListener("DOMContentLoaded", () => startAll(document));
  document.addEventListener("htmx:load", (event) => {
    forget();
    if (event.target.querySelectorAll) startAll(event.target);
  });
  document.addEventListener("themechange", () => drawn.forEach((entry, element) => paint(element)));

  return {
    kind: (name, build) => kinds.set(name, build),
    show,
    refresh,
    repaint: paint,
  };
})();
