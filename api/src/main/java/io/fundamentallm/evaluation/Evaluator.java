package io.fundamentallm.evaluation;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.model.Cancellation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Evaluates a model on tasks. Immutable and thread-safe; the {@code with…} methods give a changed
 * copy. Does not own the generator.
 *
 * @apiNote For example:
 *     <pre>{@code
 * List<Question> questions = List.of(Question.of("1 + 1 =", "2"), Question.of("2 + 1 =", "3"));
 * EvaluationTask sums = EvaluationTask.exactMatch("sums", questions).withMaxNewTokens(4);
 * EvaluationResults results = Evaluator.of(generator).evaluate(sums);
 * double right = results.task("sums").metric("exact_match").value();
 * }</pre>
 */
public final class Evaluator {
  private final TextGenerator generator;
  private final Cancellation cancellation;
  private final EvaluationListener listener;

  private Evaluator(
      TextGenerator generator, Cancellation cancellation, EvaluationListener listener) {
    this.generator = generator;
    this.cancellation = cancellation;
    this.listener = listener;
  }

  /**
   * An evaluator of the generator's model.
   *
   * @param generator its sampler draws the answers that a checker judges; the likeliest answers,
   *     and what is scored, do not depend on its settings
   */
  public static Evaluator of(TextGenerator generator) {
    return new Evaluator(
        requireNonNull(generator, "generator"), Cancellation.none(), (task, done, total) -> {});
  }

  /** With a way to stop; {@code evaluate} then throws CancellationException. */
  public Evaluator withCancellation(Cancellation cancellation) {
    return new Evaluator(generator, requireNonNull(cancellation, "cancellation"), listener);
  }

  /** With a listener, whose exceptions end the evaluation. */
  public Evaluator withListener(EvaluationListener listener) {
    return new Evaluator(generator, cancellation, requireNonNull(listener, "listener"));
  }

  /**
   * Evaluates the tasks, one after another.
   *
   * @throws IllegalArgumentException for no task, two of one name, or a document that the model
   *     cannot read; names task and document
   * @throws java.io.UncheckedIOException when the texts of a perplexity cannot be read
   */
  public EvaluationResults evaluate(EvaluationTask... tasks) {
    if (tasks.length == 0) {
      throw new IllegalArgumentException("there is no task to evaluate");
    }
    Set<String> names = new HashSet<>();
    for (EvaluationTask task : tasks) {
      if (!names.add(task.name())) {
        throw new IllegalArgumentException(
            "two tasks are named " + task.name() + ", of which the results could hold only one");
      }
    }
    Instant start = Instant.now();
    Bench bench = Bench.of(generator, cancellation, listener);
    List<TaskResult> results = new ArrayList<>();
    for (EvaluationTask task : tasks) {
      TaskKind.Outcome outcome = task.kind().run(bench, task);
      if (outcome.evaluated() == 0) {
        throw new IllegalArgumentException(task.name() + " has no document");
      }
      results.add(
          new TaskResult(task, outcome.documents(), outcome.evaluated(), outcome.metrics()));
    }
    return new EvaluationResults(
        results, generator.model().info(), start, Duration.between(start, Instant.now()));
  }
}
