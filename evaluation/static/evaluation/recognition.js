// ROC and CMC of recognition tests (see site/charts.js). The ROC's false accept rate has a logarithmic axis, or a linear one:
//   <input type="checkbox" data-roc-log="#id of the drawing">

(() => {
  const percent = (value) => `${Number((100 * value).toPrecision(4))} %`;
  const dashes = ["solid", "dashed", "dotted"];

  const line = (test, index, look, points) => ({
    name: test.name,
    type: "line",
    color: look.series[index % look.series.length],
    lineStyle: { width: 2, type: dashes[Math.floor(index / look.series.length) % dashes.length] },
    symbolSize: 5,
    data: points,
  });

  charts.kind("recognition-roc", (data, look, element) => {
    const log = element.dataset.log === "true";
    const { words } = data;
    const tests = data.tests.filter((test) => test.roc.far?.length);
    const smallest = Math.min(...tests.flatMap((test) => test.roc.far.filter((far) => far > 0)));
    const series = tests.map((test, index) => ({
      ...line(
        test,
        index,
        look,
        test.roc.far
          .map((far, i) => ({ value: [far, test.roc.rate[i]], deviation: test.roc.deviation[i] }))
          .filter((point) => !log || point.value[0] > 0),
      ),
      showSymbol: false,
    }));
    return {
      legend: { data: tests.map((test) => ({ name: test.name, icon: "roundRect" })) },
      grid: { top: 48, bottom: 4 },
      xAxis: {
        type: log ? "log" : "value",
        name: words.far,
        nameLocation: "middle",
        nameGap: 28,
        min: log ? smallest : 0,
        max: 1,
        axisLabel: { formatter: (value) => percent(value) },
      },
      yAxis: { type: "value", name: words.rate, min: 0, max: 1, axisLabel: { formatter: percent }, nameTextStyle: { align: "left" } },
      tooltip: {
        trigger: "item",
        formatter: ({ seriesName, data: point }) =>
          `${seriesName}\n${words.far} ${percent(point.value[0])}\n${words.rate} ${percent(point.value[1])}` +
          (point.deviation ? ` ± ${percent(point.deviation)}` : ""),
      },
      series,
    };
  });

  charts.kind("recognition-cmc", (data, look) => {
    const { words } = data;
    const tests = data.tests.filter((test) => test.cmc.rate?.length);
    const longest = Math.max(...tests.map((test) => test.cmc.rate.length));
    return {
      legend: { data: tests.map((test) => ({ name: test.name, icon: "roundRect" })) },
      grid: { top: 48, bottom: 4 },
      xAxis: { type: longest > 50 ? "log" : "value", name: words.rank, nameLocation: "middle", nameGap: 28, min: 1, max: Math.max(longest, 2), minInterval: 1 },
      yAxis: { type: "value", name: words.found, scale: true, max: 1, axisLabel: { formatter: percent }, nameTextStyle: { align: "left" } },
      tooltip: {
        trigger: "item",
        formatter: ({ seriesName, data: point }) => `${seriesName}\n${words.rank} ${point.value[0]}: ${percent(point.value[1])}`,
      },
      series: tests.map((test, index) => ({
        ...line(test, index, look, test.cmc.rate.map((rate, i) => ({ value: [i + 1, rate] }))),
        showSymbol: longest <= 50,
        step: false,
      })),
    };
  });

  document.addEventListener("change", (event) => {
    const box = event.target.closest("[data-roc-log]");
    if (!box) return;
    const element = document.querySelector(box.dataset.rocLog);
    element.dataset.log = String(box.checked);
    charts.repaint(element);
  });
})();
