// One call of one tool by the official TypeScript SDK, whose person answers questions as told: prints what was asked
// and the result, as JSON.
//   node asking_client.mjs '{"command": [...], "tool": "...", "arguments": {...}, "person": {"action": "accept", ...}}'
// Without "person" the client does not say that it can ask one.
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(path.join(process.env.NODE_MODULES, "package.json"));
const load = (module) => import(pathToFileURL(require.resolve(`@modelcontextprotocol/sdk/${module}`)).href);
const { Client } = await load("client/index.js");
const { StdioClientTransport } = await load("client/stdio.js");
const { ElicitRequestSchema } = await load("types.js");

const wanted = JSON.parse(process.argv[2]);
const capabilities = wanted.person ? { elicitation: {} } : {};
const client = new Client({ name: "asking-client", version: "1" }, { capabilities });
const asked = [];
if (wanted.person) {
  client.setRequestHandler(ElicitRequestSchema, async (request) => {
    asked.push(request.params);
    return wanted.person;
  });
}
const [command, ...args] = wanted.command;
await client.connect(new StdioClientTransport({ command, args, env: process.env, stderr: "inherit" }));
const result = await client.callTool({ name: wanted.tool, arguments: wanted.arguments });
await client.close();
console.log(JSON.stringify({ asked, result }));
