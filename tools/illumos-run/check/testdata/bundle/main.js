import { answer, table } from "./lib/answer.js";
import text from "./lib/data.json";
import { greet } from "./lib/greet.ts";

async function main() {
  const { late } = await import("./lib/late.js");
  const rows = table?.rows ?? [];
  console.log(greet(text.name), answer(...rows), await late());
}

main();
