// The search page: one form and one list of results, whichever of the two engines answers.
import { Index } from "./search-index.js";

const ROOT = new URL("../", import.meta.url);
const STEP = 10;
// Milliseconds after a key before the search follows.
const PAUSE = 200;
const FACETS = ["risk", "category", "trait", "provenance", "server"];
// Servers that are offered while a name is typed.
const OFFERED = 20;
const LONGEST_SUMMARY = 120;

const form = document.querySelector("form.search");
const list = document.querySelector(".hits");
const status = document.getElementById("status");
const further = document.getElementById("further");
const offered = document.getElementById("servers");

// An engine answers search(words, filters) with a search whose next(n) gives {results, done, total}; total may be unknown.

async function fetchBytes(path, stamp) {
  const response = stamp
    ? await fetch(new URL(`search/${path}?${stamp}`, ROOT))
    : await fetch(new URL(`search/${path}`, ROOT), { cache: "no-cache" });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return await response.arrayBuffer();
}

class Pagefind {
  async search(words, filters) {
    this.api ??= await this.load();
    const chosen = Object.entries(filters).filter(([, values]) => values.length);
    const found = await this.api.search(words || null, {
      filters: Object.fromEntries(chosen.map(([facet, values]) => [facet, { any: values }])),
      // Without words, no page is closer than another: the riskiest first.
      sort: words ? {} : { rank: "desc" },
    });
    let shown = 0;
    return {
      async next(most) {
        const part = found.results.slice(shown, shown + most);
        shown += part.length;
        const results = (await Promise.all(part.map((each) => each.data()))).map(pagefindResult);
        return { results, done: shown >= found.results.length, total: found.results.length };
      },
    };
  }
  async load() {
    const api = await import(new URL("pagefind/pagefind.js", ROOT));
    await api.options({ baseUrl: "/" });
    return api;
  }
  async servers(text, most) {
    this.api ??= await this.load();
    const all = Object.keys((await this.api.filters()).server ?? {});
    return all.filter((server) => server.startsWith(text.toLowerCase())).slice(0, most);
  }
}

function pagefindResult(page) {
  const only = (facet) => page.filters[facet]?.[0];
  const summary = page.meta.summary ?? "";
  return {
    name: page.meta.title,
    path: page.raw_url.replace(/^\/|index\.html$/g, ""),
    server: page.meta.server,
    risk: only("risk"),
    category: only("category"),
    provenance: only("provenance"),
    traits: page.filters.trait ?? [],
    summary: summary.length > LONGEST_SUMMARY ? `${summary.slice(0, LONGEST_SUMMARY - 1)}…` : summary,
  };
}

const engine = form.dataset.engine === "pagefind" ? new Pagefind() : new Index(fetchBytes);

// The form and the address say the same.

function asked() {
  const data = new FormData(form);
  const filters = Object.fromEntries(FACETS.map((facet) => [facet, data.getAll(facet).map((v) => v.trim()).filter(Boolean)]));
  return { words: data.get("q").trim(), filters };
}

function address({ words, filters }) {
  const query = new URLSearchParams(words ? { q: words } : {});
  for (const facet of FACETS) for (const value of filters[facet]) query.append(facet, value);
  return query.size || String(query) ? `?${query}` : location.pathname;
}

function restore() {
  const query = new URLSearchParams(location.search);
  for (const control of form.elements) {
    if (control.type === "checkbox") control.checked = query.getAll(control.name).includes(control.value);
    else if (control.name) control.value = query.get(control.name) ?? "";
  }
  for (const select of form.querySelectorAll("select")) if (select.selectedIndex < 0) select.selectedIndex = 0;
}

// Results. Everything that a server said is set as text, never as markup.

function element(name, content, properties = {}) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...[content].flat());
  return made;
}

function hit(result) {
  const link = element("a", element("code", result.name), { href: new URL(result.path, ROOT).href });
  const about = result.risk
    ? [element("span", result.risk, { className: `risk r-${result.risk.toLowerCase()}` }), result.category, result.server,
       ...(result.provenance === "live" ? [] : [result.provenance]), ...result.traits]
    : ["server"];
  const line = element("p", about.map((each) => (each instanceof Element ? each : element("span", each))), { className: "meta" });
  const summary = result.summary ? [element("p", result.summary, { className: "sub" })] : [];
  return element("li", [link, line, ...summary]);
}

let latest = 0;
let search = null;
let shown = 0;

async function start() {
  const mine = ++latest;
  const query = asked();
  search = null;
  shown = 0;
  if (!query.words && !Object.values(query.filters).some((values) => values.length)) {
    list.replaceChildren();
    further.hidden = true;
    status.textContent = "Type a word, or choose a filter.";
    return;
  }
  await told(mine, async () => {
    const opened = await engine.search(query.words, query.filters);
    const step = await opened.next(STEP);
    if (mine !== latest) return;
    search = opened;
    list.replaceChildren();
    show(step);
  });
}

async function more() {
  const mine = latest;
  await told(mine, async () => {
    const step = await search.next(STEP);
    if (mine !== latest) return;
    const first = show(step);
    first?.querySelector("a").focus();
  });
}

function show({ results, done, total }) {
  const lines = results.map(hit);
  list.append(...lines);
  shown += lines.length;
  further.hidden = done;
  further.textContent = results.length < STEP ? "Look further" : "Show more";
  const number = (count) => `${count.toLocaleString("en")} ${count === 1 ? "result" : "results"}`;
  status.textContent = done
    ? shown ? `${number(shown)}.` : "Nothing found. Try fewer or shorter words, or take a filter away."
    : total ? `${number(total)}, ${shown} shown.`
    : shown ? `The first ${number(shown)}; there are more.`
    : "Nothing found so far, and more to look through.";
  return lines[0];
}

async function told(mine, work) {
  list.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    if (mine !== latest) return;
    console.warn(error);
    further.hidden = true;
    status.textContent = "The search index could not be loaded. Try again, or browse below.";
  } finally {
    if (mine === latest) list.removeAttribute("aria-busy");
  }
}

function follow(keep) {
  const to = address(asked());
  if (to !== (location.search || location.pathname)) history[keep ? "pushState" : "replaceState"](null, "", to);
  start();
}

let timer;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  follow(true);
});
form.addEventListener("change", (event) => {
  if (event.target.type === "search") return;
  clearTimeout(timer);
  follow(true);
});
form.addEventListener("input", (event) => {
  clearTimeout(timer);
  if (event.target.name === "server") offer(event.target.value.trim());
  if (event.target.name === "q") timer = setTimeout(follow, PAUSE, false);
});
further.addEventListener("click", more);
addEventListener("popstate", () => {
  restore();
  start();
});

async function offer(text) {
  if (!text) return;
  try {
    const names = await engine.servers(text, OFFERED);
    offered.replaceChildren(...names.map((name) => element("option", [], { value: name })));
  } catch (error) {
    // Offers are a convenience: a name can be typed in full.
    console.warn(error);
  }
}

// On a phone, filters that nobody set would stand before the results.
const filtered = FACETS.some((facet) => new URLSearchParams(location.search).get(facet));
if (!filtered && matchMedia("(max-width: 44rem)").matches) form.querySelector("details").open = false;

restore();
start();
