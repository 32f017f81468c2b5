// Reads the search index (sitegen.search): answers a query with document numbers, best first, fetching a few small files.
// No page is touched here, so that tests and bench/search.py run the same code in Node.js.

// Bytes that one step of a search may move. What is not found by then waits for "Look further".
const BUDGET = 100_000;

const VERSION = 1;
const PREFIX = "\uffff";
const SHORTEST_PREFIX = 3;
const LONGEST_WORD = 32;
const MOST_WORDS = 8;
const STOP_WORDS = new Set(
  ("a an and are as at be by can for from has if in into is it its of on or that the their then these this to use was " +
   "when which will with you your").split(" "));
const IDEOGRAPHS = "\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff";
const WORD = new RegExp(`[${IDEOGRAPHS}]|(?:(?![${IDEOGRAPHS}\\u{10000}-\\u{10ffff}])[\\p{L}\\p{N}]){1,${LONGEST_WORD}}`, "gu");

// The same words as sitegen/search/words.py finds.
export function words(text) {
  const split = text.replace(/([a-z0-9])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, "$1$2 ");
  const plain = split.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase();
  return plain.match(WORD) ?? [];
}

// Cursors: seek(n) gives the first number at or after n, or Infinity. They read files only when they must.

class List {
  constructor(encoded, index) {
    const inline = Array.isArray(encoded);
    this.index = index;
    this.file = encoded.file;
    this.at = encoded.at ?? 0;
    // Where each file of a long list begins; one of several lists in a file may begin anywhere.
    this.starts = inline ? null : encoded.starts ? sums(encoded.starts) : [-Infinity];
    this.numbers = inline ? sums(encoded) : [];
    this.read = -1;
  }
  async seek(from) {
    let following = Infinity;
    if (this.starts) {
      const part = after(this.starts, from) - 1;
      if (part < 0) return this.starts[0];
      if (this.starts[part] === from) return from;
      if (part !== this.read) {
        this.numbers = sums((await this.index.read(`postings/${this.file + part}`))[this.at]);
        this.read = part;
      }
      following = this.starts[part + 1] ?? Infinity;
    }
    return this.numbers[after(this.numbers, from - 1)] ?? following;
  }
}

class Ranges {
  constructor(ranges) { this.ranges = ranges.filter(([start, end]) => start < end).sort((a, b) => a[0] - b[0]); }
  async seek(from) {
    const range = this.ranges.find(([, end]) => end > from);
    return range ? Math.max(from, range[0]) : Infinity;
  }
}

class Any {
  constructor(cursors) { this.cursors = cursors; }
  async seek(from) {
    let first = Infinity;
    for (const cursor of this.cursors) first = Math.min(first, await cursor.seek(from));
    return first;
  }
}

class All {
  constructor(cursors) { this.cursors = cursors; }
  async seek(from) {
    for (let agreed = 0, at = 0; agreed < this.cursors.length; at = (at + 1) % this.cursors.length) {
      const found = await this.cursors[at].seek(from);
      if (found === Infinity) return Infinity;
      agreed = found === from ? agreed + 1 : 1;
      from = found;
    }
    return from;
  }
}

class Spent extends Error {}

export class Index {
  // fetchBytes(path, stamp) gives the bytes of a file below search/. Files of one index have one stamp, which the file
  // "index" tells: what a browser kept of an earlier index must not answer for a later one.
  constructor(fetchBytes) {
    this.fetchBytes = fetchBytes;
    this.files = new Map();
    this.largest = null;
    this.stamp = null;
    this.spent = 0;
  }

  // A search: call next() for the best answers, and again for those that follow.
  search(text, filters = {}) { return new Search(this, text, filters); }

  // Names of servers, as in addresses, that begin with the text.
  async servers(text, most) {
    this.spent = 0;
    const start = `:server=${text.toLowerCase()}`;
    const found = await this.terms(start, most);
    return found.map(([term]) => term.slice(":server=".length));
  }

  async root() {
    const root = await this.read("index");
    if (root.version !== VERSION) throw new Error(`the index is of version ${root.version}, not ${VERSION}: reload`);
    this.largest = root.largest;
    this.stamp = root.stamp;
    return root;
  }

  // The bytes that a file of this kind can have: the budget is kept before a file is asked for.
  room(name) { return !this.largest ? 0 : name.startsWith("documents/") ? this.largest.document : this.largest.term; }

  read(name) {
    if (!this.files.has(name)) {
      if (this.spent + this.room(name) > BUDGET) throw new Spent();
      const reading = this.fetch(name);
      this.files.set(name, reading);
      reading.catch(() => this.files.delete(name));
    }
    return this.files.get(name);
  }

  async fetch(name) {
    const room = this.room(name);
    this.spent += room;
    const bytes = await this.fetchBytes(`${name}.json.gz`, this.stamp);
    this.spent += bytes.byteLength - room;
    return JSON.parse(await unpacked(bytes));
  }

  // The lists of a term: documents with it in their name, and elsewhere.
  async term(text) {
    const entries = await this.shard(text);
    const entry = entries?.find(([term]) => term === text);
    return entry && [new List(entry[1], this), new List(entry[2], this)];
  }

  // The entries of all terms that begin with the text, at most so many.
  async terms(start, most) {
    const { terms } = await this.root();
    const found = [];
    for (let number = Math.max(0, after(terms, start) - 1); number < terms.length; number++) {
      for (const entry of await this.read(`terms/${number}`)) {
        if (found.length === most || (entry[0] > start && !entry[0].startsWith(start))) return found;
        if (entry[0] >= start) found.push(entry);
      }
    }
    return found;
  }

  async shard(text) {
    const { terms } = await this.root();
    const number = after(terms, text) - 1;
    return number < 0 ? undefined : await this.read(`terms/${number}`);
  }

  async document(number) {
    const { perFile } = await this.root();
    return (await this.read(`documents/${Math.floor(number / perFile)}`))[number % perFile];
  }
}

class Search {
  constructor(index, text, filters) {
    this.index = index;
    const all = words(text).slice(0, MOST_WORDS);
    const telling = all.filter((word) => !STOP_WORDS.has(word));
    this.whole = all.length && `=${all.join("").slice(0, 2 * LONGEST_WORD)}`;
    this.words = telling.length ? telling : all;
    this.filters = filters;
    this.tiers = null;
    this.tier = 0;
    this.from = 0;
    this.pending = [];
    this.found = new Set();
  }

  // At most so many results that follow. done: there are no more. Not done and fewer: the budget is spent, call again.
  async next(most) {
    this.index.spent = 0;
    const results = [];
    try {
      this.tiers ??= await this.open();
      // One more than is shown: whether there are more must be known.
      await this.look(most + 1);
      const wanted = this.pending.slice(0, most);
      for (const document of await Promise.allSettled(wanted.map((number) => this.index.document(number)))) {
        if (document.status === "rejected") throw document.reason;
        results.push(document.value);
        this.pending.shift();
      }
    } catch (error) {
      if (!(error instanceof Spent)) throw error;
    }
    const done = Boolean(this.tiers) && this.tier === this.tiers.length && !this.pending.length;
    return { results, done };
  }

  // Gather numbers; room for what results show is kept free meanwhile.
  async look(most) {
    const reserved = Math.min(most * this.index.room("documents/"), BUDGET / 2);
    this.index.spent += reserved;
    try {
      while (this.tier < this.tiers.length && this.pending.length < most) {
        const number = await this.tiers[this.tier].seek(this.from);
        if (number === Infinity) {
          this.tier++;
          this.from = 0;
        } else {
          this.from = number + 1;
          if (!this.found.has(number)) this.pending.push(number);
          this.found.add(number);
        }
      }
    } catch (error) {
      if (!(error instanceof Spent) || !this.pending.length) throw error;
    } finally {
      this.index.spent -= reserved;
    }
  }

  // Answers in order: exactly that name, all words in the name, all words anywhere. Within each, by number.
  async open() {
    const filters = await this.facets();
    if (!this.words.length) return filters.length ? [new All(filters)] : [];
    const whole = await this.index.term(this.whole);
    const terms = [];
    for (const [at, word] of this.words.entries()) {
      const last = at === this.words.length - 1 && word.length >= SHORTEST_PREFIX;
      const lists = last ? await this.beginning(word) : await this.lists(word);
      terms.push({ name: new Any(lists.map(([name]) => name)), anywhere: new Any(lists.flat()) });
    }
    return [
      ...(whole ? [new All([whole[0], ...filters])] : []),
      new All([...terms.map((term) => term.name), ...filters]),
      new All([...terms.map((term) => term.anywhere), ...filters]),
    ];
  }

  async lists(word) {
    const found = await this.index.term(word);
    return found ? [found] : [];
  }

  // A beginning of many words has a list of its own; the words of any other stand side by side.
  async beginning(word) {
    const own = await this.lists(word + PREFIX);
    if (own.length) return own;
    const entries = await this.index.terms(word, Infinity);
    return entries.map(([, name, elsewhere]) => [new List(name, this.index), new List(elsewhere, this.index)]);
  }

  async facets() {
    const { risks } = await this.index.root();
    const found = [];
    for (const [facet, values] of Object.entries(this.filters)) {
      if (!values.length) continue;
      if (facet === "risk") {
        found.push(new Ranges(values.map((value) => risks[value] ?? [0, 0])));
      } else {
        const lists = await Promise.all(values.map((value) => this.index.term(`:${facet}=${value}`)));
        found.push(new Any(lists.filter(Boolean).map(([, documents]) => documents)));
      }
    }
    return found;
  }
}

// How many of the ascending values are at most this one.
function after(values, value) {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1; else high = middle;
  }
  return low;
}

function sums(steps) {
  let total = 0;
  return steps.map((step) => (total += step));
}

// Some web servers take the gzip off by themselves.
async function unpacked(bytes) {
  const head = new Uint8Array(bytes, 0, 2);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return new TextDecoder().decode(bytes);
  return await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}
