package io.fundamentallm.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.monotonically_increasing_id;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.Pooling;
import io.fundamentallm.TextEmbedder;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.spark.ml.ModelTransformer;
import io.fundamentallm.spark.ml.TextEmbedding;
import io.fundamentallm.spark.ml.TextGeneration;
import io.fundamentallm.spark.ml.TextScoring;
import io.fundamentallm.spark.ml.TextTokenization;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Stages in the hands of Spark ML: in pipelines, saved and loaded, set by name as Python does. */
@ExtendWith(LocalCluster.class)
class PipelineTest {
  // no constant: executors, which get lambdas of this class, would train the model for it
  private final String model = Novel.model().toString();

  @TempDir Path folder;

  /** Texts in a field; the last is longer than the context of 64 tokens, the one before is null. */
  private static Dataset<Row> documents() {
    List<String> texts = new ArrayList<>(Novel.lines(20));
    texts.add("none");
    texts.add(Novel.text(1000));
    Dataset<Row> rows =
        LocalCluster.spark().createDataset(texts, Encoders.STRING()).toDF("value").repartition(3);
    return rows.select(
        struct(when(col("value").notEqual("none"), col("value")).as("body")).as("document"),
        monotonically_increasing_id().as("id"));
  }

  private Pipeline pipeline() {
    return new Pipeline()
        .setStages(
            new PipelineStage[] {
              new TextScoring()
                  .setModel(model)
                  .setRuntime("cpu(threads=1)")
                  .setInputCol("document.body")
                  .setOutputCol("score")
                  .setStride(16),
              new TextTokenization()
                  .setModel(model)
                  .setInputCol("document.body")
                  .setOutputCol("tokens"),
              new TextEmbedding()
                  .setModel(model)
                  .setInputCol("document.body")
                  .setOutputCol("vector")
                  .setErrorCol("why")
                  .setPooling("last")
                  .setNormalization(false),
              new TextGeneration()
                  .setModel(model)
                  .setInputCol("document.body")
                  .setOutputCol("text")
                  .setErrorCol("why not")
                  .setKeyCol("id")
                  .setSeed(7)
                  .setSampler("temperature=0.8")
                  .setMaxNewTokens(5)
            });
  }

  @Test
  void a_pipeline_adds_what_the_batches_add_and_does_so_when_it_is_loaded_again() throws Exception {
    Dataset<Row> documents = documents().cache();
    PipelineModel fitted = pipeline().fit(documents);
    List<Row> rows = fitted.transform(documents).orderBy("id").collectAsList();

    Dataset<Row> bodies = documents.select(col("document.body").as("body"), col("id"));
    List<Row> scored =
        BatchScorer.of(model)
            .with(scorer -> scorer.withStride(16))
            .score(bodies, "body", "score")
            .orderBy("id")
            .collectAsList();
    List<Row> generated =
        BatchGenerator.of(model)
            .withSeed(7)
            .with(generator -> generator.withSampler("temperature=0.8").withMaxNewTokens(5))
            .withErrors("why not")
            .generate(bodies, "body", "id", "text")
            .orderBy("id")
            .collectAsList();
    assertThat(rows).hasSize(22);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(rows.get(i).<Object>getAs("score")).isEqualTo(scored.get(i).getAs("score"));
      assertThat(rows.get(i).<Object>getAs("text")).isEqualTo(generated.get(i).getAs("text"));
      assertThat(rows.get(i).<Object>getAs("why not")).isEqualTo(generated.get(i).getAs("why not"));
    }
    assertVectorsAndTokens(rows);

    fitted.save(folder.resolve("fitted").toString());
    PipelineModel loaded = PipelineModel.load(folder.resolve("fitted").toString());
    assertThat(loaded.transformSchema(documents.schema()))
        .isEqualTo(fitted.transform(documents).schema());
    assertThat(loaded.transform(documents).orderBy("id").collectAsList()).isEqualTo(rows);
    assertThat(loaded.stages()[3].explainParams()).contains("temperature=0.8", "current: 5");
  }

  private static void assertVectorsAndTokens(List<Row> rows) throws IOException {
    int failed = 0;
    try (LanguageModel weights = LanguageModels.load(Novel.model())) {
      TextEmbedder embedder =
          TextEmbedder.of(Tokenizers.load(Novel.model()), weights)
              .withPooling(Pooling.LAST)
              .withNormalization(false);
      for (Row row : rows) {
        String body = row.<Row>getAs("document").getAs("body");
        Vector vector = row.getAs("vector");
        String why = row.getAs("why");
        if (body == null) {
          assertThat(row.<Object>getAs("tokens")).isNull();
          assertThat(vector).isNull();
          assertThat(why).isNull();
        } else if (why == null) {
          float[] expected = embedder.embed(body);
          assertThat(vector.size()).isEqualTo(expected.length);
          assertThat(vector.apply(0)).isEqualTo(expected[0]);
          assertThat(row.<Integer>getList(row.fieldIndex("tokens")))
              .containsExactly(
                  Arrays.stream(Tokenizers.load(Novel.model()).encode(body))
                      .boxed()
                      .toArray(Integer[]::new));
        } else {
          failed++;
          assertThat(body).hasSize(1000);
          assertThat(vector).isNull();
          assertThat(why).contains("context");
        }
      }
    }
    assertThat(failed).isEqualTo(1);
    assertThat(rows.get(0).schema().apply("vector").dataType())
        .isEqualTo(SQLDataTypes.VectorType());
  }

  @Test
  void a_row_that_fails_fails_the_job_where_no_column_is_for_reasons() {
    TextEmbedding embedding =
        new TextEmbedding().setModel(model).setInputCol("document.body").setOutputCol("vector");
    assertThatThrownBy(() -> embedding.transform(documents()).collectAsList())
        .hasStackTraceContaining("context");
  }

  @Test
  void parameters_are_set_by_name_and_what_is_missing_is_named() {
    TextGeneration generation = new TextGeneration("here");
    assertThatThrownBy(() -> generation.transform(documents()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("here: the parameter model is not set");
    generation.set(generation.getParam("model"), model);
    generation.set(generation.getParam("inputCol"), "Document.BODY");
    generation.set(generation.getParam("sampler"), "greedy");
    generation.set(generation.getParam("maxNewTokens"), 3);
    // which rows a limit takes of several partitions may change from run to run
    Dataset<Row> few = documents().filter("length(document.body) < 200").limit(2);

    assertThat(generation.transform(few).columns())
        .containsExactly("document", "id", "here__output");
    assertThat(generation.transform(few).filter(col("here__output").isNotNull()).count())
        .isPositive();
    for (ModelTransformer<?> stage : List.of(new TextEmbedding(), new TextGeneration())) {
      stage.setModel(model).setInputCol("id");
      assertThatThrownBy(() -> stage.transform(few))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("column \"id\" is of type BIGINT; expected STRING");
      stage.setInputCol("document.title");
      assertThatThrownBy(() -> stage.transform(few))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("there is no column \"document.title\"; there are body");
      stage.setInputCol("words");
      assertThatThrownBy(() -> stage.transform(few))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("there is no column \"words\"; there are document, id");
    }
  }

  @Test
  void a_value_out_of_range_is_refused_where_it_is_set() {
    assertThatThrownBy(() -> new TextEmbedding().setPooling("max"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no pooling \"max\"; expected one of mean, last, cls");
    assertInvalid(new TextEmbedding("e"), "pooling", "max");
    assertInvalid(new TextScoring("s"), "stride", 0);
    assertInvalid(new TextGeneration("g"), "maxNewTokens", 0);
  }

  private static void assertInvalid(ModelTransformer<?> stage, String name, Object value) {
    assertThatThrownBy(() -> stage.set(stage.getParam(name), value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(stage.uid() + " parameter " + name + " given invalid value " + value + ".");
  }

  @Test
  void the_readmes_pipeline_finds_topics() throws Exception {
    Path source = Files.writeString(folder.resolve("Topics.java"), block("class Topics"));
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                source.toString());
    assertThat(compiled).isZero();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Method topics =
          loader.loadClass("Topics").getDeclaredMethod("topics", String.class, Dataset.class);
      topics.setAccessible(true);
      Dataset<Row> texts = documents();
      PipelineModel fitted = (PipelineModel) topics.invoke(null, model, texts);
      assertThat(fitted.transform(texts).select("topic").distinct().count()).isEqualTo(2);
    }
  }

  @Test
  void the_readmes_sql_runs_and_says_what_the_batches_say() throws Exception {
    SqlFunctions.register(LocalCluster.spark());
    Dataset<Row> texts =
        LocalCluster.spark()
            .createDataset(Novel.lines(3), Encoders.STRING())
            .toDF("text")
            .withColumn("id", lit(0));
    texts.createOrReplaceTempView("texts");
    List<String> statements =
        List.of(block("llm_score").replace("'model'", "'" + model + "'").split(";\\s*", -1));
    List<Row> first = LocalCluster.spark().sql(statements.get(0)).collectAsList();
    List<Row> second = LocalCluster.spark().sql(statements.get(1)).collectAsList();

    Dataset<Row> expected =
        BatchGenerator.of(model)
            .withSeed(7)
            .with(generator -> generator.withSampler("temperature=0.8").withMaxNewTokens(10))
            .generate(BatchScorer.of(model).score(texts, "text", "score"), "text", "id", "out");
    assertThat(first).isEqualTo(expected.select("score.bits_per_byte", "out").collectAsList());
    expected =
        BatchEmbedder.of(model)
            .embed(BatchTokenizer.of(model).tokenize(texts, "text", "tokens"), "text", "vector");
    assertThat(second).isEqualTo(expected.select("tokens", "vector").collectAsList());
  }

  /** The block of the README with these words. */
  private static String block(String words) throws IOException {
    return Pattern.compile("```\\w+\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(Path.of("README.md")))
        .results()
        .map((MatchResult block) -> block.group(1))
        .filter(block -> block.contains(words))
        .findFirst()
        .orElseThrow();
  }
}
