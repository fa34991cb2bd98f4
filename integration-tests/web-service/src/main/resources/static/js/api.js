/** The server's API: OpenAI's paths and bodies, relative to the page. */
import {events} from './events.js';

const KEY = 'fundamentallm.api-key';
const BROKEN = 'The connection to the server broke before the text was whole.';

/** Hears 'wanted' when the server refuses a request for want of a key. */
export const keys = new EventTarget();

/** Sends this key with every request, until the tab closes. */
export function useKey(key) {
  sessionStorage.setItem(KEY, key);
}

/** The models, the server's own first: their names, how many tokens they see at a time, and what they can do. */
export async function models() {
  const response = await request('v1/models', {});
  return (await response.json()).data.map(({id, max_model_len: context, capabilities}) => ({name: id, context, can: capabilities}));
}

/** The spec of the sampler that the server uses where a request names none. */
export async function defaultSampler() {
  const response = await request('v1/samplers', {});
  return (await response.json()).default;
}

/** The answer to a request for a completion, whole. */
async function complete(body, signal) {
  const response = await post('v1/completions', body, signal);
  return response.json();
}

/** The same; null where the model's context is too short for the prompt. */
export async function completeWhereItFits(body, signal) {
  try {
    return await complete(body, signal);
  } catch (problem) {
    if (problem.code === 'context_length_exceeded') {
      return null;
    }
    throw problem;
  }
}

/** A continuation in pieces, as they come. Ends early, with an AbortError, when the signal says so. */
export const stream = (body, signal) => pieces('v1/completions', body, signal);

/** The answer to a conversation, likewise. */
export const streamChat = (body, signal) => pieces('v1/chat/completions', body, signal);

async function* pieces(path, body, signal) {
  const response = await post(path, {...body, stream: true, stream_options: {include_usage: true}}, signal);
  let done = false;
  try {
    // Read to the end, so that the connection can be used again.
    for await (const data of events(response.body)) {
      if (data === '[DONE]') {
        done = true;
        continue;
      }
      const piece = JSON.parse(data);
      if (piece.error) {
        throw new Error(piece.error.message);
      }
      yield piece;
    }
  } catch (problem) {
    throw problem instanceof TypeError ? new Error(BROKEN) : problem; // fetch's word for a broken connection
  }
  if (!done) {
    throw new Error(BROKEN);
  }
}

function post(path, body, signal) {
  const headers = {'Content-Type': 'application/json'};
  return request(path, {method: 'POST', headers, body: JSON.stringify(body), signal});
}

async function request(path, options) {
  const headers = new Headers(options.headers);
  const key = sessionStorage.getItem(KEY);
  if (key !== null) {
    authorize(headers, key);
  }
  let response;
  try {
    response = await fetch(path, {...options, headers});
  } catch (problem) {
    if (problem.name === 'AbortError') {
      throw problem;
    }
    throw new Error('The server cannot be reached. Is it still running?');
  }
  if (response.status === 401) {
    keys.dispatchEvent(new Event('wanted'));
  }
  if (!response.ok) {
    throw await refusal(response);
  }
  return response;
}

function authorize(headers, key) {
  try {
    headers.set('Authorization', `Bearer ${key}`);
  } catch { // a character that no header can carry
    keys.dispatchEvent(new Event('wanted'));
    throw new Error('The key has a character that no key can have. Type it again.');
  }
}

/** The server's own words and its code, where it has any. */
async function refusal(response) {
  const text = await response.text();
  try {
    const {message, code} = JSON.parse(text).error;
    return Object.assign(new Error(message), {code});
  } catch {
    return new Error(`The server answered ${response.status} ${response.statusText}`.trim() + (text === '' ? '.' : `: ${text}`));
  }
}
