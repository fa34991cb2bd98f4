// usage: node transformers.mjs FOLDER NAME PROMPT STEPS; FOLDER/NAME has config.json, tokenizer.json and onnx/model.onnx
// First line: the ids of the prompt, then the greedy continuation after it as JSON.
import {AutoTokenizer, env, pipeline} from "@huggingface/transformers";

const [, , folder, name, prompt, steps] = process.argv;
env.allowRemoteModels = false;
env.localModelPath = folder.endsWith("/") ? folder : folder + "/";
const tokenizer = await AutoTokenizer.from_pretrained(name);
console.log(tokenizer.encode(prompt, {add_special_tokens: false}).join(" "));
const generate = await pipeline("text-generation", name, {dtype: "fp32", device: "cpu"});
const options = {max_new_tokens: Number(steps), do_sample: false, add_special_tokens: false, return_full_text: false};
console.log(JSON.stringify((await generate(prompt, options))[0].generated_text));
