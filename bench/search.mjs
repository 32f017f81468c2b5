// Answers queries (a JSON list on standard input) from a folder, and prints the bytes that they move.
// Usage: node search.mjs SEARCH_INDEX_JS FOLDER < QUERIES. bench/search.py calls it.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

// What static/search.js shows at a time.
const STEP = 10;

const [script, folder] = process.argv.slice(2);
const { Index } = await import(pathToFileURL(script).href);
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);

const moved = [];
for (const { words, filters } of JSON.parse(Buffer.concat(chunks))) {
  let bytes = 0, files = 0;
  const index = new Index(async (path) => {
    const content = await readFile(folder + path);
    bytes += content.byteLength;
    files += 1;
    return content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength);
  });
  const { results, done } = await index.search(words, filters).next(STEP);
  moved.push({ bytes, files, whole: done || results.length === STEP, words, filters, results: results.length });
}
moved.sort((a, b) => a.bytes - b.bytes);
const median = moved[moved.length >> 1], most = moved.at(-1);
const cut = moved.filter((query) => !query.whole).length;
console.log(
  `${moved.length} queries move ${most.bytes.toLocaleString("en")} bytes at most (${most.files} files), ` +
  `${median.bytes.toLocaleString("en")} in the middle (${median.files} files); ${cut} need a second step; ` +
  `the largest was ${JSON.stringify(most.words)} ${JSON.stringify(most.filters)}`);
