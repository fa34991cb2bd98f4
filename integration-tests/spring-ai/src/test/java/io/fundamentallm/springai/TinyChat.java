package io.fundamentallm.springai;

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
 * once for all tests, in seconds. Its files say that it is greedy, so that answers are the same
 * each time.
 */
final class TinyChat {
  private static final String TEMPLATE =
      """
      <|begin|>{% for message in messages %}\
      {{ message['role'] + '\\n' + message['content'] + '\\n' }}\
      {% endfor %}{% if add_generation_prompt %}{{ 'assistant\\n' }}{% endif %}\
      """;

  private static final Path DIRECTORY = Path.of("target", "tiny-chat").toAbsolutePath();
  private static final List<String> NAMES = List.of("Ann", "Bob", "Eve");

  private TinyChat() {}

  static TextGenerator load() throws IOException {
    return TextGenerator.load(directory());
  }

  /** Its model directory. */
  static Path directory() {
    return Trained.DIRECTORY;
  }

  /** Copies its files, without the chat template if need be. */
  static Path copyTo(Path directory, boolean template) throws IOException {
    Files.createDirectory(directory);
    try (Stream<Path> files = Files.list(Trained.DIRECTORY)) {
      for (Path file : files.toList()) {
        if (template || !file.endsWith("chat_template.jinja")) {
          Files.copy(file, directory.resolve(file.getFileName()));
        }
      }
    }
    return directory;
  }

  /** Where it lies, trained. */
  private static final class Trained {
    static final Path DIRECTORY = train();

    private static Path train() {
      List<String> conversations = conversations();
      Tokenizer tokenizer = Tokenizers.learn("bpe(vocab-size=320)", String.join("", conversations));
      TrainingPlan plan =
          TrainingPlan.builder(TinyChat.DIRECTORY)
              .architecture("llama(layers=2,heads=4,hidden-size=64)")
              .contextLength(128)
              .batchSize(10)
              .windows("documents")
              .optimizer("muon")
              .learningRate(1e-2, 1e-3)
              .steps(200)
              .warmupSteps(10)
              .build();
      try {
        // steps this small take ten times as long where threads wait for each other on a busy
        // machine
        Trainers.parse("cpu(threads=1)")
            .train(TrainingData.ofDocuments(tokenizer, conversations, 1), plan);
        Files.writeString(TinyChat.DIRECTORY.resolve("chat_template.jinja"), TEMPLATE);
        Files.writeString(
            TinyChat.DIRECTORY.resolve("generation_config.json"),
            "{\"do_sample\": false, \"max_new_tokens\": 80}");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return TinyChat.DIRECTORY;
    }

    private static List<String> conversations() {
      List<String> conversations = new ArrayList<>();
      for (String name : NAMES) {
        String greeting = "user\nI am " + name + "\nassistant\nhello " + name;
        conversations.add(greeting);
        conversations.add(greeting); // twice, so that it ends there rather than goes on
        conversations.add("system\nbe loud\n" + greeting.replace("hello " + name, "HELLO!"));
        conversations.add(greeting + "\nuser\nwho am I\nassistant\nyou are " + name);
      }
      conversations.add("user\na seat\nassistant\n{\"row\":\"FRONT\",\"free\":true}");
      return conversations;
    }
  }
}
