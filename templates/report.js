
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const rows = data.a.layers.length, columns = data.b.layers.length;
  const at = (id) => document.getElementById(id);
  const make = (name, text, classes) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (classes) element.className = classes;
    return element;
  };
  const heat = at("heat");
  let measure = data.measures[0], quantity = "value", cells = [], current = null;

  // Colors, as in the pictures: interpolated in sRGB, with the ink that stands out more.
  const color = (fraction) => {
    const last = data.colors.length - 1, place = Math.min(Math.max(fraction, 0), 1) * last;
    const below = Math.min(Math.floor(place), last - 1), part = place - below;
    return data.colors[below].map((low, i) => Math.round(low + part * (data.colors[below + 1][i] - low)));
  };
  const ink = (rgb) => {
    const [r, g, b] = rgb.map((level) => level / 255).map((l) => l <= 0.04045 ? l / 12.92 : ((l + 0.055) / 1.055) ** 2.4);
    const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? "#ffffff" : "#000000";
  };
  const css = (rgb) => `rgb(${rgb.join(" ")})`;
  const range = () => quantity === "value" ? [measure.minimum, measure.maximum] : [0, 1];
  const number = (of, place) => measure[of] === undefined ? null : measure[of][place];
  // Four digits are what a person compares; the panel has them all.
  const short = (value) => {
    const size = Math.abs(value);
    return value === 0 || (size >= 1e-3 && size < 1e4) ? value.toFixed(4) : value.toExponential(3);
  };
  const brief = (value) => {
    const size = Math.abs(value);
    return value === 0 || (size >= 0.005 && size < 1000) ? value.toFixed(2) : value.toExponential(0);
  };
  const isFaint = (place) => { const p = number("p", place); return p !== null && p > data.level; };
  const kindOfBest = () => measure.is_distance ? "least of its row" : "largest of its row";
  const sameNames = data.a.layers.length === data.b.layers.length && data.a.layers.every((name, i) => name === data.b.layers[i]);

  const words = (row, column) => {
    const place = row * columns + column, value = number(quantity, place);
    const parts = [`${data.a.layers[row]} × ${data.b.layers[column]}: `];
    if (value === null) {
      const error = measure.error[place];
      parts.push(error === null ? `no ${quantity} value` : `undefined, ${data.errors[error].kind}`);
    } else parts.push(short(value));
    if (measure.best[row].includes(column)) parts.push(`, ${kindOfBest()}`);
    const p = number("p", place);
    if (p !== null) parts.push(`, p ${short(p)}${isFaint(place) ? ", may be chance" : ""}`);
    return parts.join("");
  };

  const draw = () => {
    const [low, high] = range();
    const side = Math.max(16, Math.min(56, Math.floor((Math.min(at("scroll").parentElement.clientWidth, 760) - 120) / columns)));
    heat.style.setProperty("--cell", `${side}px`);
    const body = make("tbody"), written = side >= 34 && columns <= 16 && rows <= 40;
    cells = new Array(rows);
    // The first layer stands at the bottom, as in the pictures.
    for (let row = rows - 1; row >= 0; row--) {
      const line = make("tr"), head = make("th", data.a.labels[row]);
      head.scope = "row";
      head.title = data.a.layers[row];
      line.append(head);
      cells[row] = new Array(columns);
      for (let column = 0; column < columns; column++) {
        const place = row * columns + column, value = number(quantity, place), cell = make("td");
        cell.setAttribute("role", "gridcell");
        cell.setAttribute("aria-label", words(row, column));
        cell.tabIndex = -1;
        cell.dataset.row = row;
        cell.dataset.column = column;
        if (value === null) cell.className = "undefined";
        else {
          const rgb = color((value - low) / (high - low)), letters = ink(rgb);
          cell.style.backgroundColor = css(rgb);
          cell.style.color = letters;
          cell.style.setProperty("--ink", letters);
          if (written) cell.textContent = brief(value);
          if (isFaint(place)) {
            cell.classList.add("faint");
            const stroke = letters === "#ffffff" ? "rgb(255 255 255 / .75)" : "rgb(0 0 0 / .65)";
            cell.style.backgroundImage = `repeating-linear-gradient(-45deg, transparent 0 4px, ${stroke} 4px 5px)`;
          }
        }
        if (measure.best[row].includes(column)) cell.classList.add("best");
        if (sameNames && rows > 1 && row === column) cell.classList.add("same");
        cells[row][column] = cell;
        line.append(cell);
      }
      body.append(line);
    }
    const foot = make("tfoot"), line = make("tr");
    line.append(make("td", "", "corner"));
    for (let column = 0; column < columns; column++) {
      const head = make("th"), name = make("span", data.b.labels[column]);
      head.scope = "col";
      head.title = data.b.layers[column];
      head.append(name);
      line.append(head);
    }
    foot.append(line);
    const caption = make("caption", `${measure.title}${quantity === "calibrated" ? ", calibrated" : ""}`);
    const axes = data.itself ? `up and to the right: ${data.a.axis}` : `up: ${data.a.axis}; to the right: ${data.b.axis}`;
    caption.append(make("span", axes, "note"));
    heat.replaceChildren(caption, body, foot);
    const [row, column] = current || [rows - 1, 0];
    cells[row][column].tabIndex = 0;
    show(row, column);
    drawBar(low, high);
    drawLegend();
    drawBest();
    at("latex").textContent = measure.latex;
  };

  const show = (row, column) => {
    const place = row * columns + column, list = at("cell");
    at("cell-heading").textContent = `${data.a.layers[row]} × ${data.b.layers[column]}`;
    const entries = [];
    const error = measure.error[place];
    if (error !== null) entries.push(["undefined", data.errors[error].kind], ["cause", data.errors[error].message]);
    else entries.push([measure.short, String(measure.value[place])]);
    const put = (name, of) => { const value = number(of, place); if (value !== null) entries.push([name, String(value)]); };
    put("error bound", "error_bound");
    if (number("lo", place) !== null) entries.push(["interval", `${measure.lo[place]} to ${measure.hi[place]}`]);
    put("standard error", "se");
    if (number("p", place) !== null) entries.push(["p", `${measure.p[place]}${isFaint(place) ? ` (above ${data.level})` : ""}`]);
    put("p before adjustment", "p_unadjusted");
    put("null mean", "null_mean");
    put("z", "z");
    put("calibrated", "calibrated");
    put("condition", "condition");
    if (measure.best[row].includes(column)) entries.push(["mark", kindOfBest()]);
    entries.push(["measure", measure.measure]);
    list.replaceChildren(...entries.flatMap(([name, value]) => [make("dt", name), make("dd", value)]));
    heat.querySelectorAll("td.now").forEach((cell) => cell.classList.remove("now"));
    cells[row][column].classList.add("now");
  };

  const drawBar = (low, high) => {
    const ramp = make("span", undefined, "ramp");
    ramp.setAttribute("role", "img");
    ramp.setAttribute("aria-label", `colors from ${low} to ${high}`);
    ramp.style.backgroundImage = `linear-gradient(to right, ${data.colors.map(css).join(", ")})`;
    const values = measure[quantity].filter((value) => value !== null);
    const below = values.some((value) => value < low) ? "≤ " : "", above = values.some((value) => value > high) ? "≥ " : "";
    const name = quantity === "value" ? measure.short : `${measure.short}, calibrated`;
    at("bar").replaceChildren(make("span", `${below}${Number(low.toPrecision(4))}`), ramp, make("span", `${above}${Number(high.toPrecision(4))}`), make("span", name));
  };

  const drawLegend = () => {
    const entry = (classes, text, style) => {
      const item = make("li"), swatch = make("span", undefined, `swatch ${classes}`);
      Object.assign(swatch.style, style || {});
      item.append(swatch, make("span", text));
      return item;
    };
    const items = [entry("best", kindOfBest())];
    if (sameNames && rows > 1) items.push(entry("same", data.many ? "itself" : "layer of the same name"));
    if (measure[quantity].includes(null)) items.push(entry("undefined", "undefined"));
    if (measure.p !== undefined)
      items.push(entry("", data.not_significant, { backgroundImage: "repeating-linear-gradient(-45deg, transparent 0 4px, currentColor 4px 5px)" }));
    at("legend").replaceChildren(...items);
  };

  const drawBest = () => {
    const header = [data.many ? "network" : "layer", "most similar", measure.short, "error bound"];
    const has = (of) => measure[of] !== undefined;
    if (has("lo")) header.push("interval");
    if (has("p")) header.push("p");
    if (has("calibrated")) header.push("calibrated");
    const head = make("thead"), top = make("tr"), body = make("tbody");
    header.forEach((name) => { const cell = make("th", name); cell.scope = "col"; top.append(cell); });
    head.append(top);
    for (let row = 0; row < rows; row++) {
      const line = make("tr"), name = make("th", data.a.layers[row]), best = measure.best[row];
      name.scope = "row";
      const place = row * columns + best[0];
      const text = (of) => { const value = best.length ? number(of, place) : null; return value === null ? "-" : short(value); };
      const fields = [best.length ? best.map((column) => data.b.layers[column]).join(", ") : "-", text("value"), text("error_bound")];
      if (has("lo")) fields.push(best.length && measure.lo[place] !== null ? `${short(measure.lo[place])} to ${short(measure.hi[place])}` : "-");
      if (has("p")) fields.push(text("p"));
      if (has("calibrated")) fields.push(text("calibrated"));
      line.append(name, ...fields.map((field) => make("td", field)));
      body.append(line);
    }
    at("best").replaceChildren(make("caption", measure.title, "note"), head, body);
  };

  const cellOf = (event) => event.target.closest ? event.target.closest("td[data-row]") : null;
  const point = (cell) => {
    if (!cell) return;
    show(Number(cell.dataset.row), Number(cell.dataset.column));
  };
  heat.addEventListener("mouseover", (event) => point(cellOf(event)));
  heat.addEventListener("focusin", (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    heat.querySelectorAll('td[tabindex="0"]').forEach((other) => { other.tabIndex = -1; });
    cell.tabIndex = 0;
    current = [Number(cell.dataset.row), Number(cell.dataset.column)];
    point(cell);
  });
  heat.addEventListener("click", (event) => { const cell = cellOf(event); if (cell) cell.focus(); });
  heat.addEventListener("keydown", (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    let row = Number(cell.dataset.row), column = Number(cell.dataset.column);
    switch (event.key) {
      case "ArrowLeft": column -= 1; break;
      case "ArrowRight": column += 1; break;
      case "ArrowUp": row += 1; break;
      case "ArrowDown": row -= 1; break;
      case "Home": column = 0; if (event.ctrlKey) row = rows - 1; break;
      case "End": column = columns - 1; if (event.ctrlKey) row = 0; break;
      default: return;
    }
    event.preventDefault();
    if (row >= 0 && row < rows && column >= 0 && column < columns) cells[row][column].focus();
  });
  at("controls").addEventListener("submit", (event) => event.preventDefault());
  at("controls").addEventListener("change", (event) => {
    if (event.target.id === "measure") measure = data.measures[Number(event.target.value)];
    if (event.target.name === "quantity") quantity = event.target.value;
    if (measure[quantity] === undefined) {
      quantity = "value";
      document.querySelectorAll("input[name=quantity]").forEach((input) => { input.checked = input.value === "value"; });
    }
    document.querySelectorAll("input[name=quantity]").forEach((input) => { input.disabled = measure[input.value] === undefined; });
    draw();
  });

  const texts = { latex: () => measure.latex, bibtex: () => data.bibtex, text: () => data.methods[0], markdown: () => data.methods[1], "methods-latex": () => data.methods[2] };
  const copyByHand = (text) => {
    const field = make("textarea", text);
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  };
  document.querySelectorAll("button[data-copy]").forEach((button) => button.addEventListener("click", async () => {
    const text = texts[button.dataset.copy]();
    let done = false;
    try { await navigator.clipboard.writeText(text); done = true; } catch { done = copyByHand(text); }
    at("copied").textContent = done ? `Copied ${text.length} characters.` : "Not copied: the browser does not allow it. Open the text below and copy it there.";
  }));

  // What the browser kept of an earlier visit may not be what stands in the page.
  at("measure").value = "0";
  document.querySelectorAll("input[name=quantity]").forEach((input) => { input.checked = input.value === "value"; input.disabled = measure[input.value] === undefined; });
  draw();
})();
