package io.fundamentallm.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.spark.ml.ModelTransformer;
import io.fundamentallm.spark.ml.TextEmbedding;
import io.fundamentallm.spark.ml.TextGeneration;
import io.fundamentallm.spark.ml.TextScoring;
import io.fundamentallm.spark.ml.TextTokenization;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Failures on executors: of one row, with and without a column for reasons, and of all rows. */
@ExtendWith(LocalCluster.class)
class RowErrorsTest {
  @TempDir static Path folder;

  /** A model whose vocabulary has the letters a to c, and no token for any other. */
  private static String letters;

  @BeforeAll
  static void train() throws IOException {
    Path directory = folder.resolve("letters");
    String text = "abc".repeat(50);
    Tokenizer tokenizer = Tokenizers.learn("character", text);
    TrainingPlan plan =
        TrainingPlan.builder(directory)
            .architecture("llama(layers=1,heads=1,hidden-size=8)")
            .contextLength(16)
            .batchSize(1)
            .steps(1)
            .warmupSteps(0)
            .build();
    Trainers.parse("cpu(threads=1)").train(TrainingData.ofText(tokenizer, text, 1), plan);
    letters = directory.toString();
  }

  private static List<ModelTransformer<?>> stages() {
    return List.of(
        new TextScoring(),
        new TextTokenization(),
        new TextEmbedding(),
        new TextGeneration().setMaxNewTokens(2));
  }

  private static Dataset<Row> texts(String... texts) {
    return LocalCluster.spark()
        .createDataset(Arrays.asList(texts), Encoders.STRING())
        .toDF("text")
        .repartition(1);
  }

  @Test
  void a_row_that_fails_gets_its_reason_in_each_stage_and_fails_the_job_without_its_column() {
    for (ModelTransformer<?> stage : stages()) {
      stage.setModel(letters).setInputCol("text").setOutputCol("result");
      Dataset<Row> rows = texts("abc", "abd", null);
      assertThatThrownBy(() -> stage.transform(rows).collectAsList())
          .as(stage.uid())
          .hasStackTraceContaining("no token for U+0064 (d) at index 2 of the text");

      stage.setErrorCol("why");
      List<Row> given = stage.transform(rows).collectAsList();

      assertThat(given).as(stage.uid()).hasSize(3);
      for (Row row : given) {
        boolean fails = "abd".equals(row.getAs("text"));
        String why = row.getAs("why");
        assertThat(row.<Object>getAs("result") != null)
            .as(stage.uid())
            .isEqualTo("abc".equals(row.getAs("text")));
        if (fails) {
          assertThat(why).as(stage.uid()).startsWith("no token for U+0064 (d) at index 2");
        } else {
          assertThat(why).as(stage.uid()).isNull();
        }
      }
    }
  }

  @Test
  void a_model_that_is_not_found_fails_the_job_with_or_without_such_a_column() {
    for (ModelTransformer<?> stage : stages()) {
      stage.setModel("/no/such/model").setInputCol("text");
      assertThatThrownBy(() -> stage.transform(texts("abc")).collectAsList())
          .as(stage.uid())
          .hasStackTraceContaining("/no/such/model");
      stage.setErrorCol("why");
      assertThatThrownBy(() -> stage.transform(texts("abc")).collectAsList())
          .as(stage.uid())
          .hasStackTraceContaining("/no/such/model");
    }
  }

  @Test
  void a_sampler_that_does_not_fit_the_model_fails_the_job() throws IOException {
    Path endless = Files.createDirectory(folder.resolve("endless"));
    try (Stream<Path> files = Files.list(Path.of(letters))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, endless.resolve(file.getFileName()));
      }
    }
    Path config = endless.resolve("config.json");
    String ended = Files.readString(config);
    assertThat(ended).containsPattern("\"eos_token_id\" : \\d+");
    Files.writeString(
        config, ended.replaceAll("\"eos_token_id\" : \\d+", "\"eos_token_id\" : null"));
    Files.deleteIfExists(endless.resolve("generation_config.json"));
    TextGeneration generation =
        new TextGeneration()
            .setModel(endless.toString())
            .setInputCol("text")
            .setErrorCol("why")
            .setSampler("min-new-tokens(value=2)");
    assertThatThrownBy(() -> generation.transform(texts("abc")).collectAsList())
        .hasStackTraceContaining("the model names no end token of its own");
  }

  @Test
  void an_option_that_does_not_fit_the_model_fails_the_job() {
    Dataset<Row> written =
        BatchGenerator.of(letters)
            .with(generator -> generator.with(options -> options.stopTokens(Set.of(300))))
            .withErrors("why")
            .generate(texts("abc").selectExpr("text", "1 as id"), "text", "id", "result");
    assertThatThrownBy(written::collectAsList)
        .hasStackTraceContaining("the stop token 300 is outside the vocabulary");
  }

  @Test
  void a_row_without_a_key_says_in_which_column_it_is_expected_and_tells_nothing_of_its_text() {
    Dataset<Row> keyless = texts("abc").selectExpr("text", "cast(null as int) as id");
    BatchGenerator generator = BatchGenerator.of(letters).withErrors("why");
    assertThat(generator.generate(keyless, "text", "id", "result").first().<String>getAs("why"))
        .isEqualTo("column \"id\" is null beside a prompt; expected a whole number");
  }
}
