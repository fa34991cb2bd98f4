// llama.cpp as node-llama-cpp brings it, which is installed in the working directory. Arguments: a GGUF file, threads, the
// longest sequence.
// Prints "ready", then answers each line of input, "TOKENS IDS…", with the seconds from the ids to the first token after them,
// the seconds from that to the last of the tokens, and the tokens.
import {createInterface} from "node:readline";
import {resolve} from "node:path";
import {pathToFileURL} from "node:url";

const {getLlama, LlamaLogLevel} =
  await import(pathToFileURL(resolve("node_modules/node-llama-cpp/dist/index.js")).href);
const [, , modelPath, threads, contextSize] = process.argv;
const llama = await getLlama({
  gpu: false, build: "never", maxThreads: Number(threads), logLevel: LlamaLogLevel.error
});
const model = await llama.loadModel({modelPath, gpuLayers: 0});
const context = await model.createContext({contextSize: Number(contextSize), threads: Number(threads)});
const sequence = context.getSequence();
console.log("ready");
for await (const line of createInterface({input: process.stdin})) {
  const [count, ...ids] = line.split(" ").map(Number);
  await sequence.clearHistory();
  const tokens = [];
  const start = performance.now();
  let first = 0;
  for await (const token of sequence.evaluate(ids, {temperature: 0, yieldEogToken: true})) {
    tokens.push(token);
    first ||= performance.now();
    if (tokens.length >= count) {
      break;
    }
  }
  const seconds = (from, to) => (to - from) / 1000;
  console.log([seconds(start, first), seconds(first, performance.now()), ...tokens].join(" "));
}
process.exit(0);
