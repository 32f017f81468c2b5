// Conveniences only: without this file every page says the same.
"use strict";

// A copy button for each code block.
for (const code of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  const figure = code.closest("figure");
  let caption = figure.querySelector("figcaption");
  if (!caption) {
    caption = document.createElement("figcaption");
    caption.append(document.createElement("span"));
    figure.prepend(caption);
  }
  caption.append(button);
}

// Tables that sort by a click on a heading, and long ones that filter as one types.
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const key = (row, column) => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();

for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = table.tBodies[0];
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].sort((a, b) => collator.compare(key(a, column), key(b, column)));
      body.append(...(down ? rows.reverse() : rows));
    });
  });
  if (body.rows.length > 20) addFilter(table, body);
}

function addFilter(table, body) {
  const form = document.createElement("div");
  form.className = "filter";
  const input = document.createElement("input");
  input.type = "search";
  input.autocomplete = "off";
  input.placeholder = "for example delete";
  form.append(labelled("Filter", input));
  const chosen = ["Category", "Risk"].map((name) => choice(table, body, name)).filter(Boolean);
  form.append(...chosen.map(({ name, select }) => labelled(name, select)));
  const output = document.createElement("output");
  form.append(output);
  table.before(form);
  form.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = chosen.filter(({ select }) => select.value);
    let shown = 0;
    for (const row of body.rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word)) ||
        !wanted.every(({ column, select }) => row.cells[column].textContent.trim() === select.value);
      shown += row.hidden ? 0 : 1;
    }
    output.textContent = words.length || wanted.length ? `${shown} of ${body.rows.length}` : "";
  });
}

function labelled(name, control) {
  const label = document.createElement("label");
  label.append(`${name} `, control);
  return label;
}

// A select of the values that a column has, in the order that the column sorts by; none where there are fewer than two.
function choice(table, body, name) {
  const column = [...table.tHead.rows[0].cells].findIndex((heading) => heading.textContent.trim() === name);
  if (column < 0) return null;
  const values = new Map([...body.rows].map((row) => [row.cells[column].textContent.trim(), key(row, column)]));
  if (values.size < 2) return null;
  const select = document.createElement("select");
  const ordered = [...values].sort((a, b) => collator.compare(a[1], b[1])).map(([value]) => value);
  select.append(new Option("Any", ""), ...ordered.map((value) => new Option(value, value)));
  return { name, column, select };
}

// A closed answer or definition that a link points into opens.
function reveal() {
  document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest("details")?.setAttribute("open", "");
}
addEventListener("hashchange", reveal);
reveal();
