// usage: node llama.mjs FILE.gguf PROMPT_IDS TEXT STEPS, ids separated by commas
// Prints JSON: the ids of TEXT, and for each step the greedy token and the log-probabilities of all tokens before it.
import {getLlama, LlamaLogLevel} from "node-llama-cpp";

const [, , modelPath, prompt, text, steps] = process.argv;
const llama = await getLlama({gpu: false, build: "never", maxThreads: 2, logLevel: LlamaLogLevel.error});
const model = await llama.loadModel({modelPath, gpuLayers: 0});
const context = await model.createContext({contextSize: 256, threads: 2});
const tokens = prompt.split(",").map(Number);
const logs = [];
const greedy = [];
const run = context.getSequence().evaluateWithMetadata(tokens, {probabilities: true}, {temperature: 0});
for await (const {token, probabilities} of run) {
  greedy.push(token);
  const row = new Array(probabilities.size);
  for (const [id, probability] of probabilities) {
    row[id] = Math.log(probability);
  }
  logs.push(row);
  if (greedy.length >= Number(steps)) {
    break;
  }
}
const ids = text === "" ? [] : model.tokenize(text);
process.stdout.write(JSON.stringify({ids, greedy, logs}));
process.exit(0);
