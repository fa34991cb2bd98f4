package io.fundamentallm.commandline;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.TextScore;
import io.fundamentallm.TextScorer;
import io.fundamentallm.evaluation.EvaluationResults;
import io.fundamentallm.evaluation.EvaluationTask;
import io.fundamentallm.evaluation.Evaluator;
import io.fundamentallm.evaluation.TaskResult;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.text.TextCorpus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Measures how well a model predicts a text, or answers the questions of a task. */
@Command(
    name = "evaluate",
    description = {
      "Measures how well a model predicts a text: perplexity, bits per byte.",
      "With --task, how well it answers questions: accuracy, exact match."
    })
final class Evaluate extends Subcommand {
  private static final double LN_2 = StrictMath.log(2);

  @Mixin ModelDirectory directory = new ModelDirectory();

  @Parameters(
      index = "1",
      paramLabel = "FILE",
      description = "A text in UTF-8; with --task, JSON Lines.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  Path file = Path.of("");

  @Option(
      names = "--stride",
      paramLabel = "N",
      description =
          "Tokens by which the window advances: 1 gives each the most context and takes longest;"
              + " by default half a context.")
  @Nullable Integer stride;

  @Option(
      names = "--json",
      description = "Print one JSON object.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  boolean json;

  @Mixin TaskOptions options = new TaskOptions();

  @Override
  public Integer call() throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    String task = options.name;
    if (task != null) {
      Stream<Path> read = Stream.concat(Stream.of(file), Stream.ofNullable(options.examples));
      requireNoInput("--out", options.out, read.toList());
      evaluate(options.task(this, task, file));
      return ExitCode.OK;
    }
    if (options.areGiven()) {
      throw new ParameterException(
          spec().commandLine(), "--shots, --shots-from, --limit and --out need a --task");
    }
    try (LanguageModel model = directory.model()) {
      TextScorer scorer = scorer(TextScorer.of(directory.tokenizer(), model));
      Sum sum = Sum.ZERO;
      for (String part : TextCorpus.ofFiles(file)) {
        sum = sum.plus(scorer.score(part));
      }
      if (sum.tokens == 0) {
        throw new IOException(file + " has no token that can be scored");
      }
      print(sum);
    }
    return ExitCode.OK;
  }

  /** Progress goes where failures go, so that standard output has the results alone. */
  private void evaluate(EvaluationTask task) throws IOException {
    if (stride != null) {
      throw new ParameterException(
          spec().commandLine(), "--stride is for a text; tasks have the harness's windows");
    }
    ProgressLine progress =
        new ProgressLine(spec().commandLine().getErr(), ShellTerminal.present());
    try (Interruption interruption = interruption().work();
        TextGenerator generator = directory.generator()) {
      EvaluationResults results =
          Evaluator.of(generator)
              .withCancellation(interruption)
              .withListener(progress::onProgress)
              .evaluate(task);
      progress.clear();
      if (json) {
        out().println(results.json());
      } else {
        print(results.task(task.name()));
      }
      // last: a file that cannot be written must not cost the results
      if (options.out != null) {
        results.write(options.out);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      progress.clear();
    }
  }

  private void print(TaskResult result) {
    result
        .metrics()
        .forEach(
            (name, metric) -> {
              double error = metric.standardError();
              out()
                  .printf(
                      Locale.ROOT,
                      "%s %.4f%s%n",
                      name,
                      metric.value(),
                      Double.isNaN(error) ? "" : String.format(Locale.ROOT, " ± %.4f", error));
            });
    out()
        .printf(
            Locale.ROOT,
            "(%s, %,d of %,d documents, %d-shot)%n",
            result.task().name(),
            result.evaluated(),
            result.documents(),
            result.task().shots());
  }

  private TextScorer scorer(TextScorer configured) {
    Integer asked = stride;
    return asked == null ? configured : parsed(() -> configured.withStride(asked));
  }

  private void print(Sum sum) throws IOException {
    double bits = -sum.logProbability / LN_2;
    double perplexity = StrictMath.exp(-sum.logProbability / sum.tokens);
    if (json) {
      JsonLine.print(
          out(),
          fields -> {
            fields.writeStringField("file", file.toString());
            fields.writeNumberField("tokens", sum.tokens);
            fields.writeNumberField("characters", sum.characters);
            fields.writeNumberField("bytes", sum.bytes);
            JsonLine.number(fields, "perplexity", perplexity);
            JsonLine.number(fields, "bitsPerToken", bits / sum.tokens);
            JsonLine.number(fields, "bitsPerCharacter", bits / sum.characters);
            JsonLine.number(fields, "bitsPerByte", bits / sum.bytes);
          });
    } else {
      out()
          .printf(
              Locale.ROOT,
              "perplexity %.3f, %.4f bits per token, %.4f bits per byte (%,d tokens, %,d bytes)%n",
              perplexity,
              bits / sum.tokens,
              bits / sum.bytes,
              sum.tokens,
              sum.bytes);
    }
  }

  /** A long text is read in parts of a few million characters, whose tokens are not all kept. */
  private record Sum(long tokens, long characters, long bytes, double logProbability) {
    static final Sum ZERO = new Sum(0, 0, 0, 0);

    Sum plus(TextScore score) {
      return new Sum(
          tokens + score.tokens().size(),
          characters + score.characters(),
          bytes + score.bytes(),
          logProbability + score.logProbability());
    }
  }
}
