package io.fundamentallm.langchain4j;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A chat model that greets whoever gives a name, and later knows it from the conversation. Trained
 * once for all tests, in seconds. It ends a turn with a line end or its end token.
 */
final class TinyChat {
  static final String TEMPLATE =
      """
      <|begin|>{% for message in messages %}\
      {{ message['role'] + '\\n' + message['content'] + '\\n' }}\
      {% endfor %}{% if add_generation_prompt %}{{ 'assistant\\n' }}{% endif %}\
      """;

  private static final Path DIRECTORY = Path.of("target", "tiny-chat");
  private static final List<String> NAMES = List.of("Ann", "Bob", "Eve");

  private TinyChat() {}

  /** Loads it; greedy, so that answers are the same each time. */
  static TextGenerator load() throws IOException {
    return TextGenerator.load(Trained.DIRECTORY)
        .withSampler("greedy")
        .withStops("\n")
        .withMaxNewTokens(80);
  }

  /** Copies its files. */
  static void copyTo(Path directory) throws IOException {
    Files.createDirectory(directory);
    try (Stream<Path> files = Files.list(Trained.DIRECTORY)) {
      for (Path file : files.toList()) {
        Files.copy(file, directory.resolve(file.getFileName()));
      }
    }
  }

  /** Trains a model that knows these conversations by heart. */
  static void train(
      Path directory, List<String> conversations, int vocabulary, int context, int steps) {
    Tokenizer tokenizer =
        Tokenizers.learn("bpe(vocab-size=" + vocabulary + ")", String.join("", conversations));
    TrainingPlan plan =
        TrainingPlan.builder(directory)
            .architecture("llama(layers=2,heads=4,hidden-size=64)")
            .contextLength(context)
            .batchSize(10)
            .windows("documents")
            .optimizer("muon")
            .learningRate(1e-2, 1e-3)
            .steps(steps)
            .warmupSteps(10)
            .build();
    try {
      // steps this small take ten times as long where threads wait for each other on a busy machine
      Trainers.parse("cpu(threads=1)")
          .train(TrainingData.ofDocuments(tokenizer, conversations, 1), plan);
      Files.writeString(directory.resolve("chat_template.jinja"), TEMPLATE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it lies, trained. */
  private static final class Trained {
    static final Path DIRECTORY = train();

    private static Path train() {
      TinyChat.train(TinyChat.DIRECTORY, conversations(), 320, 128, 200);
      return TinyChat.DIRECTORY;
    }

    private static List<String> conversations() {
      List<String> conversations = new ArrayList<>();
      for (String name : NAMES) {
        String greeting = "user\nI am " + name + "\nassistant\nhello " + name;
        conversations.add(greeting);
        conversations.add("system\nbe loud\n" + greeting.replace("hello " + name, "HELLO!"));
        conversations.add(greeting + "\nuser\nwho am I\nassistant\nyou are " + name);
      }
      conversations.add("user\na seat\nassistant\n{\"row\":\"FRONT\",\"free\":true}");
      return conversations;
    }
  }
}
