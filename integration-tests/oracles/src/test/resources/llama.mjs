// usage: node llama.mjs FILE.gguf PROMPT TEXT STEPS, the prompt as ids separated by commas
// First line: the ids of the text. Second: the tokens that are greedily appended to the prompt. Then one line for each of
// these: the logarithms of the probabilities of all tokens.
import {getLlama, LlamaLogLevel} from "node-llama-cpp";

const [, , modelPath, prompt, text, steps] = process.argv;
const llama = await getLlama({gpu: false, build: "never", maxThreads: 1, logLevel: LlamaLogLevel.error});
const model = await llama.loadModel({modelPath, gpuLayers: 0});
// its flash attention and its usual cache compute with 16 bits
const exact = {flashAttention: false, experimentalKvCacheKeyType: "F32", experimentalKvCacheValueType: "F32"};
const context = await model.createContext({contextSize: 128, threads: 1, ...exact});
const tokens = prompt.split(",").map(Number);
const rows = [];
const greedy = [];
const run = context.getSequence().evaluateWithMetadata(tokens, {probabilities: true}, {temperature: 0});
for await (const {token, probabilities} of run) {
  greedy.push(token);
  const row = new Array(probabilities.size);
  for (const [id, probability] of probabilities) {
    row[id] = Math.log(probability);
  }
  rows.push(row.join(" "));
  if (greedy.length >= Number(steps)) {
    break;
  }
}
console.log(model.tokenize(text).join(" "));
console.log(greedy.join(" "));
console.log(rows.join("\n"));
process.exit(0);
