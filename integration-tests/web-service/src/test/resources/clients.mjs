// The official clients of npm, there and back: streamed calls in parallel, their results, an answer.
// node clients.mjs URL KEY; prints a line of JSON for each client.
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import { streamText, stepCountIs, jsonSchema, tool } from 'ai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';

const [url, key] = process.argv.slice(2);
const parameters = {
  type: 'object',
  properties: { city: { enum: ['Oslo', 'Rome'] } },
  required: ['city'],
};
const names = ['weather', 'forecast'];
const question = { role: 'user', content: 'Is it cold?' };
const ATTEMPTS = 30; // the model was never told of tools, so it may write calls until it is cut off

const say = (result) => console.log(JSON.stringify(result));

async function openai() {
  const client = new OpenAI({ baseURL: url + '/v1', apiKey: key, maxRetries: 0 });
  const tools = names.map((name) => ({ type: 'function', function: { name, parameters } }));
  const asked = {
    model: 'tiny', messages: [question], tools, max_completion_tokens: 160, reasoning_effort: 'none',
  };
  for (let seed = 0; seed < ATTEMPTS; seed++) {
    let events = 0;
    const stream = client.chat.completions.stream({
      ...asked, seed, temperature: 2, tool_choice: 'required', stream_options: { include_usage: true },
    });
    stream.on('chunk', () => events++);
    const whole = await stream.finalChatCompletion().catch((e) => {
      if (String(e.constructor.name).includes('LengthFinishReason')) return null;
      throw e;
    });
    const choice = whole?.choices[0];
    if (choice?.finish_reason !== 'tool_calls' || choice.message.tool_calls.length < 2) continue;
    const calls = choice.message.tool_calls;
    const answer = await client.chat.completions.create({
      ...asked,
      temperature: 0,
      messages: [
        question,
        { role: 'assistant', content: choice.message.content,
          tool_calls: calls.map(({ id, type, function: { name, arguments: text } }) =>
            ({ id, type, function: { name, arguments: text } })) },
        ...calls.map((call) => ({ role: 'tool', tool_call_id: call.id, content: '-3 °C' })),
      ],
    });
    return say({
      client: 'openai',
      calls: calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)]),
      events,
      answer: typeof answer.choices[0].message.content,
      cached: answer.usage.prompt_tokens_details.cached_tokens,
    });
  }
  throw new Error('openai: no parallel calls');
}

async function responses() {
  const client = new OpenAI({ baseURL: url + '/v1', apiKey: key, maxRetries: 0 });
  const tools = names.map((name) => ({ type: 'function', name, parameters, strict: true }));
  const asked = { model: 'tiny', tools, max_output_tokens: 160, reasoning: { effort: 'none' } };
  for (let seed = 0; seed < ATTEMPTS; seed++) {
    let events = 0;
    const stream = client.responses.stream({
      ...asked, seed, input: [question], temperature: 2, tool_choice: 'required',
    });
    stream.on('event', () => events++);
    const whole = await stream.finalResponse();
    const calls = whole.output.filter((item) => item.type === 'function_call');
    if (whole.status !== 'completed' || calls.length < 2) continue;
    const answer = await client.responses.create({
      ...asked,
      temperature: 0,
      input: [
        question,
        ...calls.map(({ type, call_id, name, arguments: text }) => ({ type, call_id, name, arguments: text })),
        ...calls.map((call) => ({ type: 'function_call_output', call_id: call.call_id, output: '-3 °C' })),
      ],
    });
    return say({
      client: 'responses',
      calls: calls.map((call) => [call.name, JSON.parse(call.arguments)]),
      events,
      answer: typeof answer.output_text,
      cached: answer.usage.input_tokens_details.cached_tokens,
    });
  }
  throw new Error('responses: no parallel calls');
}

async function anthropic() {
  const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
  const tools = names.map((name) => ({ name, description: 'Of a city.', input_schema: parameters }));
  const asked = { model: 'tiny', tools, max_tokens: 160, thinking: { type: 'disabled' } };
  for (let seed = 0; seed < ATTEMPTS; seed++) {
    let events = 0;
    const stream = client.messages.stream({
      ...asked, seed, messages: [question], temperature: 2, tool_choice: { type: 'any' },
    });
    stream.on('streamEvent', () => events++);
    const whole = await stream.finalMessage();
    const calls = whole.content.filter((block) => block.type === 'tool_use');
    if (whole.stop_reason !== 'tool_use' || calls.length < 2) continue;
    const answer = await client.messages.create({
      ...asked,
      temperature: 0,
      messages: [
        question,
        { role: 'assistant', content: calls.map(({ type, id, name, input }) => ({ type, id, name, input })) },
        { role: 'user', content: calls.map((call) =>
          ({ type: 'tool_result', tool_use_id: call.id, content: '-3 °C' })) },
      ],
    });
    return say({
      client: 'anthropic',
      calls: calls.map((call) => [call.name, call.input]),
      events,
      answer: typeof answer.stop_reason,
      cached: answer.usage.cache_read_input_tokens,
    });
  }
  throw new Error('anthropic: no parallel calls');
}

async function ai() {
  const provider = createOpenAICompatible({ name: 'here', baseURL: url + '/v1', apiKey: key });
  const tools = Object.fromEntries(names.map((name) => [name, tool({
    description: 'Of a city.', inputSchema: jsonSchema(parameters), execute: async () => '-3 °C',
  })]));
  for (let seed = 0; seed < ATTEMPTS; seed++) {
    let events = 0;
    let failure;
    const first = streamText({
      model: provider('tiny'), tools, messages: [question], toolChoice: 'required', temperature: 2, seed,
      maxOutputTokens: 160, stopWhen: stepCountIs(1), maxRetries: 0, onError: () => {},
      providerOptions: { here: { reasoningEffort: 'none' } },
    });
    for await (const part of first.fullStream) {
      if (part.type === 'error') failure = part.error;
      events++;
    }
    if (failure?.name?.includes('ToolChoiceViolation')) continue; // cut off within its first call
    if (failure) throw failure;
    const calls = await first.toolCalls;
    if ((await first.finishReason) !== 'tool-calls' || calls.length < 2) continue;
    const second = streamText({
      model: provider('tiny'), tools, toolChoice: 'none', temperature: 0, maxOutputTokens: 40, maxRetries: 0,
      messages: [question, ...(await first.response).messages],
    });
    const answer = await second.text;
    return say({
      client: 'ai',
      calls: calls.map((call) => [call.toolName, call.input]),
      events,
      answer: typeof answer,
      cached: 0,
    });
  }
  throw new Error('ai: no parallel calls');
}

for (const client of [openai, responses, anthropic, ai]) {
  await client();
}
