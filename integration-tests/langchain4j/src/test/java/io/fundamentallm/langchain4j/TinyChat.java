package io.fundamentallm.langchain4j;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizer;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.TrainingData;
import io.fundamentallm.TrainingPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A chat model that greets whoever gives a name, and later knows it from the conversation. Trained
 * once for all tests, in seconds.
 */
final class TinyChat {
  static final String TEMPLATE =
      """
      <|begin|>{% for message in messages %}\
      {{ message['role'] }}: {{ message['content'] }}{{ '\\n' }}\
      {% endfor %}{% if add_generation_prompt %}assistant: {% endif %}\
      """;

  private static final Path DIRECTORY = Path.of("target", "tiny-chat");
  private static final List<String> NAMES = List.of("Ann", "Bob", "Eve");

  private TinyChat() {}

  /** Loads it; greedy, so that answers are the same each time. */
  static TextGenerator load() throws IOException {
    return TextGenerator.load(Trained.DIRECTORY).withSampler("greedy").withMaxNewTokens(40);
  }

  /** Where it lies, trained. */
  private static final class Trained {
    static final Path DIRECTORY = train();

    private static Path train() {
      List<String> conversations = conversations();
      Tokenizer tokenizer = Tokenizers.learn("character", String.join("", conversations));
      TrainingPlan plan =
          TrainingPlan.builder(TinyChat.DIRECTORY)
              .architecture("llama")
              .layers(2)
              .heads(4)
              .hiddenSize(64)
              .contextLength(256)
              .batchSize(2)
              .learningRate(4e-3, 4e-4)
              .steps(Integer.getInteger("steps", 200))
              .warmupSteps(10)
              .build();
      try {
        Trainers.configured()
            .train(TrainingData.ofDocuments(tokenizer, conversations, 1), plan);
        Files.writeString(TinyChat.DIRECTORY.resolve("chat_template.jinja"), TEMPLATE);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return TinyChat.DIRECTORY;
    }

    private static List<String> conversations() {
      List<String> conversations = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        for (String name : NAMES) {
          String greeted = "user: I am " + name + "\nassistant: hello " + name;
          conversations.add(greeted);
          conversations.add(greeted + "\nuser: who am I\nassistant: you are " + name);
          conversations.add("system: be loud\n" + greeted.replace("hello " + name, "HELLO!"));
        }
        conversations.add("user: count\nassistant: {\"n\": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, true]}");
      }
      return conversations;
    }
  }
}
