package io.fundamentallm.commandline;

import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a shell may say about the model that training starts from. */
final class TuningOptions {
  private static final double SHARE = 0.1;

  @Option(
      names = "--from",
      paramLabel = "MODEL",
      description =
          "The directory of the model to start from; its tokenizer is used. With --lora also a"
              + " GGUF file.")
  @Nullable Path from;

  @Option(
      names = "--conversations",
      paramLabel = "FILE",
      description =
          "JSON Lines of OpenAI's messages or ShareGPT's conversations, whose answers it learns;"
              + " may be repeated.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  List<Path> conversations = List.of();

  @Option(
      names = "--preferences",
      paramLabel = "FILE",
      description = "JSON Lines of prompt, chosen and rejected, for DPO; may be repeated.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  List<Path> preferences = List.of();

  @Option(
      names = "--lora",
      paramLabel = "RANK",
      description =
          "Train adapters of this rank, and add them to the weights at the end. Over a GGUF file"
              + " they stay apart; --runtime 'cpu(adapter=DIR)' runs both.")
  @Nullable Integer lora;

  @Option(
      names = "--replay",
      paramLabel = "FILE",
      description = "Older text to mix in, so that it is not forgotten.")
  @Nullable Path replay;

  @Option(
      names = "--replay-share",
      paramLabel = "PART",
      description = "The part of the windows that are of --replay, in (0, 1); by default 0.1.")
  @Nullable Double share;

  /**
   * Checks what goes together.
   *
   * @throws IllegalArgumentException if the options contradict each other; says what is expected
   */
  void requireFit(List<Path> texts) {
    int kinds =
        (texts.isEmpty() ? 0 : 1)
            + (conversations.isEmpty() ? 0 : 1)
            + (preferences.isEmpty() ? 0 : 1);
    if (kinds != 1) {
      throw new IllegalArgumentException(
          kinds == 0
              ? "nothing to train on; expected text files, --conversations or --preferences"
              : "expected one of text files, --conversations and --preferences");
    }
    if (from == null && (texts.isEmpty() || lora != null || replay != null)) {
      throw new IllegalArgumentException(
          "--conversations, --preferences, --lora and --replay need a model to start from: add"
              + " --from");
    }
    if (lora != null && lora < 1) {
      throw new IllegalArgumentException("--lora " + lora + " is not a rank of at least 1");
    }
    if (share != null && !(share > 0 && share < 1)) {
      throw new IllegalArgumentException("--replay-share " + share + " is not in (0, 1)");
    }
    if (share != null && replay == null) {
      throw new IllegalArgumentException("--replay-share needs older text: add --replay");
    }
  }

  /** The beginning of a plan. */
  TrainingPlan.Builder begun(Path directory) {
    if (from == null) {
      return TrainingPlan.builder(directory);
    }
    FineTuning tuning = FineTuning.of(from);
    if (lora != null) {
      tuning = tuning.withLora(adapters(lora, from));
    }
    if (!conversations.isEmpty()) {
      return TrainingPlan.supervised(directory, tuning);
    }
    return preferences.isEmpty()
        ? TrainingPlan.builder(directory).fineTuning(tuning)
        : TrainingPlan.preferences(directory, tuning);
  }

  /** Those of a GGUF file, which may lie in a directory, cannot be added to its blocks. */
  private static FineTuning.Lora adapters(int rank, Path base) {
    return Files.exists(base.resolve("model.safetensors"))
            || Files.exists(base.resolve("model.safetensors.index.json"))
        ? new FineTuning.Lora(rank, 2.0 * rank, List.of(), true)
        : FineTuning.Lora.ofRank(rank).withBase("file");
  }

  /** The files of examples and of older text. */
  List<Path> files() {
    return Stream.of(conversations.stream(), preferences.stream(), Stream.ofNullable(replay))
        .flatMap(files -> files)
        .toList();
  }

  /** The examples of the files. */
  TrainingData examples(Tokenizer tokenizer, double trainingFraction) throws IOException {
    return conversations.isEmpty()
        ? TrainingData.ofPreferences(tokenizer, trainingFraction, preferences.toArray(Path[]::new))
        : TrainingData.ofConversations(
            tokenizer, trainingFraction, conversations.toArray(Path[]::new));
  }

  /**
   * The older text.
   *
   * @param tokens where to put its tokens
   */
  @Nullable TrainingText older(Path tokens) throws IOException {
    return replay == null ? null : new TrainingText(List.of(replay), tokens);
  }

  /** The part of the windows that are of it. */
  double share() {
    return share == null ? SHARE : share;
  }
}
