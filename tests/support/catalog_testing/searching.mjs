// Runs static/search-index.js for searching.py. Usage: node searching.mjs SEARCH_INDEX_JS ask|words < JSON
import { pathToFileURL } from "node:url";

const [script, what] = process.argv.slice(2);
const { Index, words } = await import(pathToFileURL(script).href);
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const given = JSON.parse(Buffer.concat(chunks));

async function ask({ words, filters }) {
  let moved = 0;
  const index = new Index(async (path) => {
    const content = Buffer.from(given.files[path], "base64");
    moved += content.byteLength;
    return content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength);
  });
  const search = index.search(words, filters);
  const paths = [], bytes = [];
  for (let done = false; !done;) {
    const step = await search.next(given.step);
    paths.push(...step.results.map((result) => result.path));
    bytes.push(moved);
    moved = 0;
    done = step.done;
  }
  return { paths, bytes };
}

const answers = [];
if (what === "words") answers.push(...given.map(words));
else for (const query of given.queries) answers.push(await ask(query));
process.stdout.write(JSON.stringify(answers));
