package io.fundamentallm.webservice.browser;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A model that writes something like English, for a page to look like one in use. Trained once for
 * all tests, in ten seconds, on the beginning of the quickstart's novel. Its chat template makes it
 * think before it answers, and it can be made to call tools.
 */
final class Novel {
  private static final Path TEXT =
      Path.of(
          "../quickstart/src/main/resources/io/fundamentallm/quickstart/pride-and-prejudice.txt");

  private static final String TEMPLATE =
      """
      {% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% for c in m.tool_calls or [] %}\
      <tool_call>{"name": "{{ c.function.name }}", "arguments": \
      {{ c.function.arguments | tojson }}}</tool_call>{% endfor %}
      {% endfor %}{% if tools %}{% endif %}\
      {% if add_generation_prompt %}<|assistant|><think>{% endif %}\
      """;

  /** A text of half of it takes minutes to write: longer than any test needs to stop it. */
  static final int CONTEXT = 80_000;

  private static Path directory;

  private Novel() {}

  /** Its directory, which each process that tests has for itself. */
  static synchronized Path directory() throws IOException {
    if (directory == null) {
      Path own = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "browser");
      directory = train(Files.createDirectory(own.resolve("novel")));
    }
    return directory;
  }

  /** The same weights in a directory of a model that sees fewer tokens at a time. */
  static Path ofContext(int context) throws IOException {
    Path shorter = Files.createTempDirectory(directory().getParent(), "short");
    TinyChat.copy(directory(), shorter, true);
    Files.writeString(
        shorter.resolve("config.json"),
        Files.readString(directory().resolve("config.json"))
            .replaceFirst(
                "\"max_position_embeddings\" : " + CONTEXT,
                "\"max_position_embeddings\" : " + context));
    return shorter;
  }

  private static Path train(Path directory) throws IOException {
    String text = Files.readString(TEXT).substring(0, 200_000);
    Tokenizer tokenizer = Tokenizers.learn("bpe(vocab-size=1024)", text);
    TrainingPlan plan =
        TrainingPlan.builder(directory)
            .architecture("llama(layers=2,heads=4,hidden-size=64)")
            .contextLength(128)
            .batchSize(8)
            .optimizer("muon")
            .learningRate(1e-2, 1e-3)
            .steps(200)
            .warmupSteps(10)
            .build();
    Trainers.parse("cpu(threads=1)").train(TrainingData.ofText(tokenizer, text, 1), plan);
    // longer than what it was trained on: a text that is to be stopped has to be long
    Path config = directory.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst(
                "\"max_position_embeddings\" : 128", "\"max_position_embeddings\" : " + CONTEXT));
    Files.writeString(directory.resolve("chat_template.jinja"), TEMPLATE);
    return directory;
  }
}
