package io.fundamentallm.evaluation;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.files.AtomicFile;
import io.fundamentallm.model.ModelInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The figures of an evaluation.
 *
 * @param tasks in the order in which they were evaluated
 * @param model that was evaluated
 * @param start when the evaluation began
 * @param duration how long it took
 */
public record EvaluationResults(
    List<TaskResult> tasks, ModelInfo model, Instant start, Duration duration) {
  /** Keeps its own copy of the tasks. */
  public EvaluationResults {
    tasks = List.copyOf(tasks);
    requireNonNull(model, "model");
    requireNonNull(start, "start");
    requireNonNull(duration, "duration");
  }

  /**
   * The result of a task.
   *
   * @throws IllegalArgumentException for a name that was not evaluated; lists those that were
   */
  public TaskResult task(String name) {
    return tasks.stream()
        .filter(one -> one.task().name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no result of \""
                        + name
                        + "\"; there are those of "
                        + tasks.stream().map(one -> one.task().name()).toList()));
  }

  /**
   * One JSON object in the layout of lm-evaluation-harness: {@code results}, {@code
   * group_subtasks}, {@code configs}, {@code versions}, {@code n-shot}, {@code higher_is_better},
   * {@code n-samples} and {@code config}. A metric stands as {@code "acc,none"} and {@code
   * "acc_stderr,none"}, the filter's name behind the comma; a missing standard error is {@code
   * "N/A"}.
   */
  public String json() {
    return ResultsJson.of(this);
  }

  /**
   * Writes the JSON; the file is always the whole old or the whole new one.
   *
   * @throws IOException when it cannot be written
   */
  public void write(Path file) throws IOException {
    AtomicFile.write(requireNonNull(file, "file"), StandardCharsets.UTF_8.encode(json() + "\n"));
  }
}
