// Vercel's ai lets an assistant look up what a shop has today.
// node shop.mjs URL KEY < QUESTIONS; a question is a line of JSON, and so is its answer.
import { createInterface } from 'node:readline';
import { generateText, jsonSchema, stepCountIs, tool } from 'ai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';

const [url, apiKey] = process.argv.slice(2);

const here = createOpenAICompatible({ name: 'here', baseURL: url + '/v1', apiKey });
const taking = (properties) => jsonSchema({
  type: 'object', properties, required: Object.keys(properties), additionalProperties: false,
});
const answer = (question, { products, orders }) => generateText({
  model: here('shop'),
  temperature: 0,
  prompt: question,
  tools: {
    find_product: tool({
      description: 'what a product costs and how many are left',
      inputSchema: taking({ product: { type: 'string' } }),
      execute: ({ product }) => products[product],
    }),
    order_status: tool({
      description: 'where an order is, and the day it comes',
      inputSchema: taking({ customer: { type: 'string' } }),
      execute: ({ customer }) => orders[customer],
    }),
  },
  stopWhen: stepCountIs(3),
});

for await (const line of createInterface({ input: process.stdin })) {
  const { question, ...shop } = JSON.parse(line);
  const { text, steps } = await answer(question, shop);
  console.log(JSON.stringify({ text, calls: steps.flatMap((step) => step.toolCalls.map((call) => call.toolName)) }));
}
