package io.fundamentallm.evaluation;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.TextScorer;
import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import java.util.List;

/**
 * A model with what tasks ask of it: to score and to write. For one evaluation, on its thread.
 *
 * @param generator with the caller's settings
 */
record Bench(
    TextGenerator generator,
    ContinuationScorer continuations,
    Cancellation cancellation,
    EvaluationListener listener) {
  /** The harness's random seed. */
  private static final long SEED = 1234;

  static Bench of(TextGenerator generator, Cancellation cancellation, EvaluationListener listener) {
    return new Bench(
        generator,
        new ContinuationScorer(generator.tokenizer(), generator.model(), cancellation),
        cancellation,
        listener);
  }

  /** The log-likelihood of a text, read in windows of a whole context with one token in common. */
  double rollingLogLikelihood(String text) {
    LanguageModel model = generator.model();
    return TextScorer.of(generator.tokenizer(), model)
        .withStride(model.info().contextLength())
        .withCancellation(cancellation)
        .score(new TaskTokens(generator.tokenizer()).whole(text))
        .logProbability();
  }

  /** The likeliest answers. */
  List<String> answers(List<String> prompts, EvaluationTask task) {
    return writing(task).withSampler("greedy").generateAll(prompts);
  }

  /**
   * Answers drawn as the generator's settings say; the same each time.
   *
   * @param first the number of the first answer among all of the task
   */
  List<String> samples(List<String> prompts, long first, EvaluationTask task) {
    long seed = generator.options().seed().orElse(SEED);
    return writing(task).with(o -> o.seed(seed).sequence(first)).generateAll(prompts);
  }

  /** A prompt that leaves too little room loses its beginning, as in the harness. */
  private TextGenerator writing(EvaluationTask task) {
    return generator.with(
        o ->
            o.maxNewTokens(task.maxNewTokens())
                .stopStrings(task.stops())
                .contextPolicy(ContextPolicy.truncateLeft())
                .cancellation(cancellation));
  }
}
