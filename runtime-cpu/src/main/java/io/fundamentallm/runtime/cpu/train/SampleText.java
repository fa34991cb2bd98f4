package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Text that the model writes as it is, drawn token by token from its own distribution with the
 * plan's seed, so that samples of one training differ only by what it learned. The forward pass of
 * training computes it, without a cache, so it needs no second copy of the weights.
 */
final class SampleText {
  private final TrainableTransformer model;
  private final Tokenizer tokenizer;
  private final int[] prompt;
  private final int tokens;
  private final int contextLength;
  private final Randomness randomness;

  SampleText(TrainableTransformer model, TrainingData data, TrainingPlan plan) {
    this.model = model;
    tokenizer = data.tokenizer();
    tokens = plan.validation().sampleTokens();
    prompt = tokens == 0 ? new int[0] : prompt(data, plan.validation().prompt());
    contextLength = plan.contextLength();
    randomness = new Randomness(plan.seed(), 0);
  }

  /** The token that begins a text, then the prompt; if there is neither, the text's first token. */
  private static int[] prompt(TrainingData data, String text) {
    Vocabulary vocabulary = data.tokenizer().vocabulary();
    int[] encoded = data.tokenizer().encode(text);
    OptionalInt begin = vocabulary.bos();
    if (begin.isEmpty() && encoded.length == 0) {
      begin = vocabulary.eos();
    }
    if (begin.isEmpty() && encoded.length == 0) {
      int[] first = new int[1];
      data.training().read(0, first, 0, 1);
      return first;
    }
    return IntStream.concat(begin.stream(), Arrays.stream(encoded)).toArray();
  }

  /** What the model writes after the prompt; empty if the plan asks for none. */
  String write(Cancellation cancellation) {
    int[] all = Arrays.copyOf(prompt, prompt.length + tokens);
    int size = prompt.length;
    while (size < all.length) {
      cancellation.throwIfCancelled();
      int from = Math.max(0, size - contextLength);
      int token = draw(model.logits(Arrays.copyOfRange(all, from, size)), size);
      if (tokenizer.vocabulary().eos().stream().anyMatch(end -> end == token)) {
        break;
      }
      all[size++] = token;
    }
    return tokenizer.decode(Arrays.copyOfRange(all, prompt.length, size));
  }

  /** Draws one of the tokenizer's tokens; a model that was read may have more. */
  private int draw(float[] logits, int position) {
    int count = Math.min(logits.length, tokenizer.vocabulary().size());
    float maximum = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      maximum = Math.max(maximum, logits[i]);
    }
    double[] cumulative = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += StrictMath.exp(logits[i] - maximum);
      cumulative[i] = sum;
    }
    double target = randomness.uniform(position, Randomness.SAMPLE) * sum;
    for (int i = 0; i < count; i++) {
      if (cumulative[i] > target) {
        return i;
      }
    }
    return count - 1; // the sum is not a number: the next step reports why
  }
}
