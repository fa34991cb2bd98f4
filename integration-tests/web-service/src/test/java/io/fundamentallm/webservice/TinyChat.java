package io.fundamentallm.webservice;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A chat model that greets whoever gives a name. Trained once for all tests, in seconds. Its
 * context is longer than what it was trained on: tests that want a lot of text want no sense.
 */
final class TinyChat {
  static final int CONTEXT = 4096;

  private static final String TEMPLATE =
      """
      <|begin|>{% for message in messages %}\
      {{ message['role'] + '\\n' + message['content'] + '\\n' }}\
      {% endfor %}{% if add_generation_prompt %}{{ 'assistant\\n' }}{% endif %}\
      """;

  private static Path chat;

  private TinyChat() {}

  /** Its directory. */
  static synchronized Path directory() throws IOException {
    if (chat == null) {
      chat = train(Files.createDirectories(Path.of("target", "tiny-chat")).toAbsolutePath());
    }
    return chat;
  }

  /** The same weights in a directory without a chat template. */
  static Path withoutTemplate() throws IOException {
    Path plain = Files.createTempDirectory(directory().getParent(), "plain");
    for (String file :
        List.of("config.json", "model.safetensors", "tokenizer.json", "generation_config.json")) {
      Files.copy(directory().resolve(file), plain.resolve(file));
    }
    return plain;
  }

  private static Path train(Path directory) throws IOException {
    List<String> conversations = new ArrayList<>();
    for (String name : List.of("Ann", "Bob", "Eve")) {
      String greeting = "user\nI am " + name + "\nassistant\nhello " + name;
      conversations.add(greeting);
      conversations.add("system\nbe loud\n" + greeting.replace("hello " + name, "HELLO!"));
      conversations.add(greeting + "\nuser\nwho am I\nassistant\nyou are " + name);
    }
    conversations.add("user\na seat\nassistant\n{\"row\":\"FRONT\",\"free\":true}");
    Tokenizer tokenizer = Tokenizers.learn("bpe(vocab-size=320)", String.join("", conversations));
    TrainingPlan plan =
        TrainingPlan.builder(directory)
            .architecture("llama(layers=2,heads=4,hidden-size=64)")
            .contextLength(128)
            .batchSize(10)
            .windows("documents")
            .optimizer("muon")
            .learningRate(1e-2, 1e-3)
            .steps(150)
            .warmupSteps(10)
            .build();
    // steps this small take ten times as long where threads wait for each other on a busy machine
    Trainers.parse("cpu(threads=1)")
        .train(TrainingData.ofDocuments(tokenizer, conversations, 1), plan);
    Files.writeString(directory.resolve("chat_template.jinja"), TEMPLATE);
    Path config = directory.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst(
                "\"max_position_embeddings\" : 128", "\"max_position_embeddings\" : " + CONTEXT));
    return directory;
  }
}
