/** What is said to a model and what it answers, without how it looks. */
import {streamChat} from './api.js';

/**
 * Lets the model answer the turns; the answer is put behind them, and grows.
 *
 * @param {object} request the body but for the messages
 * @param {import('./turns.js').Turn[]} turns with the answer, empty yet, as the last
 * @param {string} system what stands before them; empty for nothing
 * @param {() => void} grown hears of each piece
 */
export async function answer(request, turns, system, context, grown, signal) {
  const written = turns[turns.length - 1];
  const asked = performance.now();
  const figures = {tokens: 0, waited: 0, millis: 0, finish: null, left: 0};
  let first = null;
  try {
    for await (const piece of fitting(request, turns.slice(0, -1), system, figures, signal)) {
      const choice = piece.choices?.[0];
      if (choice) {
        first ??= performance.now();
        add(written, choice.delta ?? {});
        figures.tokens++; // the server writes a piece for each token; its own count comes at the end
        figures.finish = choice.finish_reason ?? figures.finish;
      }
      if (piece.usage) {
        figures.tokens = piece.usage.completion_tokens;
        figures.prompt = piece.usage.prompt_tokens;
        figures.cached = piece.usage.prompt_tokens_details.cached_tokens;
        if (figures.finish === 'length' && piece.usage.total_tokens >= context) {
          figures.finish = `the context of ${context} tokens is full`;
        }
      }
      if (first !== null) {
        figures.waited = first - asked;
        figures.millis = performance.now() - asked;
        written.figures = figures;
        grown();
      }
    }
  } catch (problem) {
    if (problem.name !== 'AbortError') {
      throw problem;
    }
    figures.finish = 'stopped here';
    written.figures = figures;
  }
}

/** The pieces of an answer to as many of the last turns as the model sees. */
async function* fitting(request, turns, system, figures, signal) {
  for (;;) {
    const begin = system === '' ? [] : [{role: 'system', content: system}];
    try {
      yield* streamChat({...request, messages: [...begin, ...turns.slice(figures.left).map(message)]}, signal);
      return;
    } catch (problem) {
      const next = turns.findIndex(({role}, i) => i > figures.left && role === 'user');
      if (problem.code !== 'context_length_exceeded' || next < 0) {
        throw problem;
      }
      figures.left = next;
    }
  }
}

/** As the interface has it. Stopped calls are no calls: their arguments are not whole. */
function message({role, content, reasoning_content, tool_calls, tool_call_id}) {
  const sent = {role, content};
  if (reasoning_content) {
    sent.reasoning_content = reasoning_content;
  }
  if (tool_calls?.length > 0) {
    sent.tool_calls = tool_calls;
  }
  if (tool_call_id !== undefined) {
    sent.tool_call_id = tool_call_id;
  }
  return sent;
}

function add(turn, {content, reasoning_content, tool_calls}) {
  turn.content += content ?? '';
  if (reasoning_content) {
    turn.reasoning_content = (turn.reasoning_content ?? '') + reasoning_content;
  }
  for (const {index, id, function: called} of tool_calls ?? []) {
    turn.tool_calls ??= [];
    turn.tool_calls[index] ??= {id, type: 'function', function: {name: called.name, arguments: ''}};
    turn.tool_calls[index].function.arguments += called.arguments ?? '';
  }
}

/** Whether nothing came for a turn. */
export function isEmpty({content, reasoning_content, tool_calls}) {
  return content === '' && !reasoning_content && !(tool_calls?.length > 0);
}

/** A turn that was cut off keeps the calls that are whole. */
export function dropBrokenCalls(turn) {
  turn.tool_calls = turn.tool_calls?.filter((call) => {
    try {
      JSON.parse(call.function.arguments);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Tools as the interface has them, from JSON that a person wrote: an array, or one, each with its wrapping or without.
 *
 * @throws {Error} that says what is expected
 */
export function toolsOf(text) {
  if (text.trim() === '') {
    return [];
  }
  let read;
  try {
    read = JSON.parse(text);
  } catch (problem) {
    throw new Error(`The tools are no JSON: ${problem.message}`);
  }
  return (Array.isArray(read) ? read : [read]).map((tool) => {
    if (typeof (tool?.function ?? tool)?.name !== 'string') {
      throw new Error('Each tool needs a name, as in [{"name": "weather", "parameters": {"type": "object"}}].');
    }
    return tool.function ? tool : {type: 'function', function: tool};
  });
}
