package io.fundamentallm.commandline;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.internal.files.AtomicDirectory;
import io.fundamentallm.internal.files.DirectoryLock;
import io.fundamentallm.internal.files.OwnDirectory;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.Trainer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Trains a new model on text files, or goes on with one. */
@Command(
    name = "train",
    description = {
      "Trains a new model on text files in UTF-8, and writes its directory.",
      "With --from it goes on with a model: on texts, or on conversations or preferences.",
      "Ctrl-C leaves a checkpoint, from which --resume continues, to the same bits."
    })
final class Train extends Subcommand {
  private static final String TOKENIZER = "auto";
  private static final Pattern CHECKPOINT = Pattern.compile("checkpoint-([0-9]{1,9})");

  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description = "Text files; each is a document.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  List<Path> files = List.of();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Where the model goes; created if missing.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  Path directory = Path.of("");

  @Option(
      names = "--overwrite",
      description = "Also where DIR has files that no training wrote, such as another model's.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  boolean overwrite;

  @Option(
      names = "--tokenizer",
      paramLabel = "SPEC",
      description =
          "What to learn from the text: auto (byte pairs, as many as suit it), byte,"
              + " bpe(vocab-size=4096), unigram, …; "
              + TOKENIZER
              + " by default.")
  @Nullable String tokenizer;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "The curves, as one page of HTML; by default DIR/report.html.")
  @Nullable Path report;

  @Option(
      names = "--tensorboard",
      paramLabel = "DIR",
      description = "Where TensorBoard's event files go; by default there are none.")
  @Nullable Path events;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "The curves and evaluations, as a table; by default there is none.")
  @Nullable Path table;

  @Option(
      names = "--trainer",
      paramLabel = "SPEC",
      description = "What trains, such as cpu(threads=2); by default what is available.")
  @Nullable String trainer;

  @Mixin PlanOptions options = new PlanOptions();

  @ArgGroup(validate = false, heading = "%nGoing on with a model:%n", order = 4)
  TuningOptions tuning = new TuningOptions();

  @Override
  @SuppressWarnings("try") // the lock is held, not used
  public Integer call() throws IOException {
    parsed(
        () -> {
          tuning.requireFit(files);
          return files;
        });
    TrainingPlan.Builder begun = tuning.begun(directory);
    TrainingPlan plan = parsed(() -> options.plan(overwrite ? begun.overwrite() : begun));
    if (tokenizer != null && tuning.from != null) {
      throw new ParameterException(
          spec().commandLine(), "--tokenizer does not go with --from: that model's own is used");
    }
    if (options.shape.architecture != null && tuning.from != null) {
      throw new ParameterException(
          spec().commandLine(),
          "--architecture does not go with --from: the model stays what it is");
    }
    String learned = Objects.requireNonNullElse(tokenizer, TOKENIZER);
    requireKnown(TokenizerProvider.class, learned);
    Trainer by = parsed(() -> trainer == null ? Trainers.configured() : Trainers.parse(trainer));
    parsed(
        () -> {
          by.check(plan);
          return plan;
        });
    if (!overwrite) {
      OwnDirectory.require(directory); // before the lock, which makes it the training's own
    }
    Path page = Objects.requireNonNullElse(report, directory.resolve("report.html"));
    ProgressLine progress = new ProgressLine(out(), ShellTerminal.present());
    TrainingText text = new TrainingText(files, directory.resolve("training.tokens"));
    TrainingText older = tuning.older(directory.resolve("replay.tokens"));
    List<Path> read = Stream.concat(files.stream(), tuning.files().stream()).toList();
    requireNoInput("--report", page, read);
    requireNoInput("--csv", table, read);
    // held from before the texts are read until the tokens are deleted
    try (Interruption interruption = interruption().work();
        DirectoryLock lock = DirectoryLock.hold(directory);
        text;
        older) {
      try {
        AtomicDirectory.recoverAll(directory, CHECKPOINT.asMatchPredicate());
        TrainingData data = data(learned, text, older, interruption, progress);
        progress.line(
            String.format(
                Locale.ROOT,
                "%,d tokens to train on, %,d to validate with, a vocabulary of %,d",
                data.training().size(),
                data.validation().size(),
                data.tokenizer().vocabulary().size()));
        if (options.watch.resume && lastCheckpoint().isEmpty()) {
          progress.line("there is no checkpoint in " + directory + ": the training begins anew");
        } else if (options.resumesBudget()) {
          progress.line("the number of steps is the checkpoint's; --budget does not change it");
        }
        TrainingResult result;
        try (Curves curves = new Curves(page, plan);
            TrainingLogs logs = TrainingLogs.of(events, table, plan)) {
          result = by.train(data, plan, interruption, logs.with(progress, curves));
        }
        progress.line("wrote " + result.modelDirectory() + " and " + page);
        return ExitCode.OK;
      } catch (CancellationException e) {
        progress.line(stopped(progress.lastStep(), plan));
        return ExitCode.SOFTWARE;
      } finally {
        progress.clear();
      }
    }
  }

  private Optional<Path> lastCheckpoint() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> step(file) >= 0).max(Comparator.comparingInt(Train::step));
    }
  }

  /** Of a checkpoint; negative for other files. */
  private static int step(Path file) {
    Matcher name = CHECKPOINT.matcher(file.getFileName().toString());
    return name.matches() ? Integer.parseInt(name.group(1)) : -1;
  }

  private TrainingData data(
      String recipe,
      TrainingText text,
      @Nullable TrainingText older,
      Interruption interruption,
      ProgressLine progress)
      throws IOException {
    double validation = options.watch.validation;
    if (tuning.from == null) {
      // the ids that a model has learned mean something else after another text
      Optional<Path> last =
          options.watch.resume && tokenizer == null ? lastCheckpoint() : Optional.empty();
      Tokenizer own =
          last.isPresent()
              ? Tokenizers.load(last.get())
              : text.learn(recipe, interruption, progress);
      return text.encode(own, validation, interruption, progress);
    }
    Tokenizer known = Tokenizers.load(tuning.from);
    TrainingData data =
        files.isEmpty()
            ? tuning.examples(known, 1 - validation)
            : text.encode(known, validation, interruption, progress);
    return older == null
        ? data
        : data.withReplay(
            older.encode(known, 0, interruption, progress).training(), tuning.share());
  }

  private static String stopped(int step, TrainingPlan plan) {
    boolean resumable = plan.checkpoints().interval() > 0 && step > 0;
    return "stopped after step "
        + step
        + (resumable ? "; the same command with --resume continues from there" : "");
  }
}
