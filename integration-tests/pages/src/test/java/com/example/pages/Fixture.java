package com.example.pages;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.fixtures.Austen;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The files that pieces of programs read: models of no worth, and texts. */
final class Fixture {
  private Fixture() {}

  static void write(Path folder) throws IOException {
    Files.writeString(folder.resolve("novel.txt"), Austen.TEXT.repeat(20));
    Files.writeString(folder.resolve("held-out.txt"), Austen.TEXT);
    Files.createDirectory(folder.resolve("books"));
    Files.writeString(folder.resolve("books").resolve("first.txt"), Austen.TEXT.repeat(250));
    Files.writeString(folder.resolve("books").resolve("second.txt"), Austen.TEXT.repeat(250));
    Files.writeString(
        folder.resolve("person.schema.json"),
        "{\"type\":\"object\",\"properties\":{\"adult\":{\"type\":\"boolean\"}}}");

    // bytes, so that it can read any prompt
    Tokenizer tokenizer = Tokenizers.learn("byte", Austen.TEXT);
    TrainingPlan plan =
        TrainingPlan.builder(folder.resolve("model"))
            .architecture("llama(layers=1,heads=2,hidden-size=32)")
            .contextLength(256)
            .batchSize(2)
            .steps(2)
            .build();
    Trainers.parse("cpu(threads=1)")
        .train(TrainingData.ofText(tokenizer, Austen.TEXT.repeat(4), 1), plan);
    Files.writeString(
        folder.resolve("model").resolve("chat_template.jinja"),
        "{% if tools %}{% endif %}{% for message in messages %}{{ message['content'] }}\n{% endfor %}");
    copy(folder.resolve("model"), folder.resolve("base"));
    copy(folder.resolve("model"), folder.resolve("smaller"));
  }

  static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (!Files.isDirectory(target)) {
          Files.copy(file, target);
        }
      }
    }
  }
}
