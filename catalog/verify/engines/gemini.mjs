// Asks the policy engine of Gemini CLI: on standard input one JSON object with the folder of policies, the servers of
// settings.json and the calls; on standard output what is decided about each.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

// What the package logs does not belong into the answer.
for (const level of ['log', 'info', 'debug', 'warn', 'trace']) console[level] = () => {};

const { core, policies, servers, calls } = JSON.parse(readFileSync(0, 'utf8'));
const load = (path) => import(new URL(path, pathToFileURL(`${core}/`)));
const { loadPoliciesFromToml } = await load('dist/src/policy/toml-loader.js');
const { PolicyEngine } = await load('dist/src/policy/policy-engine.js');
const { generateValidName } = await load('dist/src/tools/mcp-tool.js');
const { isEnabled } = await load('dist/src/tools/mcp-client.js');

const USER_TIER = 4;
const { rules, errors } = await loadPoliciesFromToml([policies], () => USER_TIER);
const engine = new PolicyEngine({ rules, nonInteractive: false });
const decisions = [];
for (const { server, tool, args } of calls) {
  if (!isEnabled({ name: tool }, server, servers[server] ?? {})) {
    decisions.push('deny');
    continue;
  }
  const { decision } = await engine.check({ name: generateValidName(`${server}_${tool}`), args }, server);
  decisions.push(decision);
}
const refused = errors.filter((error) => error.severity !== 'warning').map((error) => `${error.message}: ${error.details}`);
process.stdout.write(JSON.stringify({ decisions, refused }), () => process.exit(0));
