/** One prompt, one continuation. */
import {write} from './continuation.js';
import {explainBelow} from './explain.js';
import {decoders, mostTokens, samplers, seed, sendWithEnter, stops} from './fields.js';

/**
 * @param {() => {name: string | undefined, context: number}} model the model chosen, and how many tokens it sees at a time
 * @param {(prompt: string, text: string, tokens: object[]) => void} measured hears of each continuation whose tokens have probabilities
 * @param {() => void} showSurprisal turns to the view of surprisal
 */
export function generateView(model, measured, showSurprisal) {
  const form = document.getElementById('generate-form');
  const fields = form.elements;
  const submit = form.querySelector('[type=submit]');
  const stop = document.getElementById('generate-stop-button');
  const surprisal = document.getElementById('generate-surprisal');
  const places = {
    text: document.getElementById('generate-text'),
    figures: document.getElementById('generate-figures'),
    error: document.getElementById('generate-error'),
  };
  const begin = document.getElementById('generate-begin');
  let running = null;

  samplers(form.querySelector('[data-fills=generate-sampler]'), fields.sampler);
  decoders(form.querySelector('[data-fills=generate-decoder]'), fields.decoder);
  explainBelow(fields.sampler, document.getElementById('generate-explained'));
  explainBelow(fields.decoder, document.getElementById('decoder-explained'));
  sendWithEnter(form);
  stop.addEventListener('click', () => running.abort());
  surprisal.addEventListener('click', showSurprisal);

  for (const starter of begin.querySelectorAll('button')) {
    starter.addEventListener('click', () => {
      fields.sampler.value = starter.dataset.sampler;
      fields.sampler.dispatchEvent(new Event('filled'));
      form.requestSubmit();
    });
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (running !== null) {
      return;
    }
    running = new AbortController();
    submit.disabled = true;
    stop.disabled = false;
    surprisal.hidden = true;
    begin.hidden = true;
    const body = request();
    const {prompt, text, tokens} = await write(body, model().context, places, running.signal);
    running = null;
    submit.disabled = false;
    stop.disabled = true;
    if (tokens.length > 0) {
      measured(prompt, text, tokens);
      surprisal.hidden = false;
    }
  });

  function request() {
    const body = {
      model: model().name,
      prompt: fields.prompt.value,
      max_tokens: mostTokens(fields.tokens, model().context),
      seed: seed(fields.seed),
    };
    const ends = stops(fields.stop.value);
    if (ends.length > 0) {
      body.stop = ends;
    }
    for (const spec of ['sampler', 'decoder']) {
      if (fields[spec].value.trim() !== '') {
        body[spec] = fields[spec].value.trim();
      }
    }
    if (fields.logprobs.checked) {
      body.logprobs = 5;
    }
    return body;
  }
}
