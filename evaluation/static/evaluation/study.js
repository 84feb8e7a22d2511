// Drawings of the study's pages (see site/charts.js), and their export as PNG or SVG:
//   data-export="png|svg" data-export-of="#id of the drawing" data-export-name="file name"

(() => {
  const short = (value) => Number(value.toPrecision(4)).toString();
  const shapes = ["circle", "rect", "triangle", "roundRect", "pin", "arrow", "emptyCircle", "emptyRect"];

  // The interval as a band: one four-cornered piece between each point and the next.
  const band = (run, colour) => {
    const pieces = [];
    for (let i = 0; i + 1 < run.points.length; i += 1) {
      const [a, b] = [run.points[i], run.points[i + 1]];
      if (a.low !== null && b.low !== null) pieces.push([a.epoch, a.low, a.high, b.epoch, b.low, b.high]);
    }
    return {
      name: run.name,
      type: "custom",
      silent: true,
      z: 1,
      itemStyle: { color: colour },
      encode: { x: [0, 3], y: [1, 2, 4, 5] },
      data: pieces,
      tooltip: { show: false },
      renderItem: (params, api) => ({
        type: "polygon",
        shape: {
          points: [
            api.coord([api.value(0), api.value(1)]),
            api.coord([api.value(0), api.value(2)]),
            api.coord([api.value(3), api.value(5)]),
            api.coord([api.value(3), api.value(4)]),
          ],
        },
        style: { fill: colour, opacity: 0.16 },
      }),
    };
  };

  charts.kind("study-curve", (data, look) => {
    const { words } = data;
    const arrow = data.measure.direction === "lower" ? "↓" : "↑";
    const series = data.runs.flatMap((run, index) => {
      const colour = look.series[index % look.series.length];
      const odd = new Map(run.jumps.map((jump) => [jump.after, jump]));
      const line = {
        name: run.name,
        type: "line",
        color: colour,
        symbol: shapes[Math.floor(index / look.series.length) % shapes.length],
        symbolSize: 7,
        lineStyle: { width: 2, type: index < look.series.length ? "solid" : "dashed" },
        z: 3,
        data: run.points.map((point) => ({
          value: [point.epoch, point.value],
          point,
          url: point.url,
          jump: odd.get(point.checkpoint),
          ...(odd.has(point.checkpoint) && {
            symbol: "diamond",
            symbolSize: 15,
            itemStyle: { color: look.sheet, borderColor: colour, borderWidth: 3 },
          }),
        })),
      };
      return [band(run, colour), line];
    });
    // A line of its own and no mark on another: the axis must reach down to it.
    const epochs = data.runs.flatMap((run) => run.points.map((point) => point.epoch));
    if (data.floor !== null) {
      series.push({
        name: `${words.floor} ${short(data.floor)}`,
        type: "line",
        color: look.soft,
        symbol: "none",
        silent: true,
        lineStyle: { type: "dashed", width: 1.5 },
        data: [[Math.min(...epochs), data.floor], [Math.max(...epochs), data.floor]],
      });
    }
    return {
      legend: { data: [...new Set(series.map((one) => one.name))].map((name) => ({ name, icon: "roundRect" })) },
      grid: { top: 56, bottom: 4 },
      xAxis: { type: "value", name: words.epoch, nameLocation: "middle", nameGap: 28, minInterval: 1, scale: true },
      yAxis: { type: "value", name: `${data.measure.title} ${arrow}`, scale: true, nameTextStyle: { align: "left" } },
      tooltip: {
        trigger: "item",
        formatter: ({ seriesName, data: item }) => {
          if (!item?.point) return "";
          const { epoch, value, low, high } = item.point;
          const interval = low === null ? "" : `\n${words.interval} ${short(low)} – ${short(high)}`;
          const jump = item.jump ? `\n${words.jump}: ${short(item.jump.step)} (${short(item.jump.score)}σ)` : "";
          return `${seriesName}\n${words.epoch} ${epoch}: ${short(value)}${interval}${jump}`;
        },
      },
      series,
    };
  });

  charts.kind("study-scatter", (data, look) => {
    const arrow = (measure) => (measure.direction === "lower" ? "↓" : "↑");
    const name = (axis) => `${axis.measure.title} ${arrow(axis.measure)}`;
    return {
      legend: { data: data.runs.map((run) => run.name) },
      grid: { top: 48, bottom: 4, left: 4 },
      xAxis: { type: "value", name: name(data.x), nameLocation: "middle", nameGap: 28, scale: true },
      yAxis: { type: "value", name: name(data.y), nameLocation: "middle", nameGap: 44, scale: true },
      tooltip: {
        trigger: "item",
        formatter: ({ seriesName, data: item }) =>
          `${seriesName}\n${data.words.epoch} ${item.point.epoch}\n${name(data.x)} ${short(item.point.x)}\n${name(data.y)} ${short(item.point.y)}`,
      },
      series: data.runs.map((run, index) => ({
        name: run.name,
        type: "scatter",
        color: look.series[index % look.series.length],
        symbol: shapes[index % shapes.length],
        symbolSize: 10,
        label: {
          show: true,
          position: "right",
          distance: 4,
          color: look.soft,
          fontSize: 11,
          formatter: ({ data: item }) => String(item.point.epoch),
        },
        labelLayout: { hideOverlap: true },
        data: run.points.map((point) => ({ value: [point.x, point.y], point, url: point.url })),
      })),
    };
  });

  // The drawing as it is, on the colour of its sheet, as text of a picture file.
  const svgOf = (element) => {
    const chart = echarts.getInstanceByDom(element);
    const size = { width: chart.getWidth(), height: chart.getHeight() };
    const copy = echarts.init(null, null, { renderer: "svg", ssr: true, ...size });
    copy.setOption({ ...chart.getOption(), animation: false, backgroundColor: sheetOf(element) });
    const text = copy.renderToSVGString();
    copy.dispose();
    return text;
  };
  const sheetOf = (element) => getComputedStyle(element).getPropertyValue("--sheet").trim();
  const pngOf = (element) =>
    echarts.getInstanceByDom(element).getDataURL({ type: "png", pixelRatio: 2, backgroundColor: sheetOf(element) });

  const save = (address, name) => {
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-export]");
    if (!button) return;
    const element = document.querySelector(button.dataset.exportOf);
    if (button.dataset.export === "png") {
      save(pngOf(element), `${button.dataset.exportName}.png`);
      return;
    }
    const address = URL.createObjectURL(new Blob([svgOf(element)], { type: "image/svg+xml" }));
    save(address, `${button.dataset.exportName}.svg`);
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  });

  // `manage.py export_figures` opens a page that holds one drawing and takes both pictures out of it.
  document.addEventListener("DOMContentLoaded", () => {
    const taken = document.querySelector("[data-take-figure]");
    if (!taken) return;
    const element = document.querySelector(taken.dataset.takeFigure);
    taken.textContent = JSON.stringify({ svg: svgOf(element), png: pngOf(element) });
  });
})();
