package io.fundamentallm.commandline;

import io.fundamentallm.evaluation.EvaluationTask;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What a model is asked, by the names of lm-evaluation-harness. */
final class TaskOptions {
  @Option(
      names = "--task",
      paramLabel = "NAME",
      description =
          "Take FILE as documents of a task, by the rules of lm-evaluation-harness: hellaswag,"
              + " arc_easy, arc_challenge, piqa, multiple_choice, exact_match or perplexity.")
  @Nullable String name;

  @Option(
      names = "--shots",
      paramLabel = "N",
      description = "With --task, how many solved examples stand before each question.",
      showDefaultValue = Visibility.NEVER)
  int shots;

  @Option(
      names = "--shots-from",
      paramLabel = "FILE",
      description =
          "Where those examples are, such as the training split; by default others of FILE.")
  @Nullable Path examples;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "With --task, only the first N documents.")
  @Nullable Integer limit;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "With --task, where the results go too, as JSON in the harness's layout.")
  @Nullable Path out;

  boolean areGiven() {
    return shots != 0 || examples != null || limit != null || out != null;
  }

  /**
   * The task of a file.
   *
   * @throws ParameterException for an unknown name, or a value out of range
   * @throws IOException when a file cannot be read or has another layout
   */
  EvaluationTask task(Subcommand command, String asked, Path file) throws IOException {
    EvaluationTask task = load(command, asked, file);
    EvaluationTask shown = examples == null ? task : load(command, asked, examples);
    Integer most = limit;
    return command.parsed(
        () -> {
          EvaluationTask withShots = task.withShots(shots, shown);
          return most == null ? withShots : withShots.withLimit(most);
        });
  }

  private static EvaluationTask load(Subcommand command, String asked, Path file)
      throws IOException {
    try {
      return EvaluationTask.load(asked, file);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.spec().commandLine(), Failures.oneLine(e), e);
    }
  }
}
