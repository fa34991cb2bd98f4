// Renders templates with Hugging Face's own interpreter: node jinja.mjs CASES.json
// CASES.json: [{template, values}]; prints one line of JSON a case: {text} or {error}
import { readFileSync } from "node:fs";
import { Template } from "@huggingface/jinja";

for (const { template, values } of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  try {
    console.log(JSON.stringify({ text: new Template(template).render(values) }));
  } catch (e) {
    console.log(JSON.stringify({ error: String(e.message) }));
  }
}
