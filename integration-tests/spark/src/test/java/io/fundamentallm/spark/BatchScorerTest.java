package io.fundamentallm.spark;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.TextScore;
import io.fundamentallm.TextScorer;
import io.fundamentallm.TokenScore;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LocalCluster.class)
class BatchScorerTest {
  // no constant: executors, which get lambdas of this class, would train the model for it
  private final String model = Novel.model().toString();

  @TempDir Path folder;

  private static Dataset<Row> texts(List<String> texts) {
    return LocalCluster.spark().createDataset(texts, Encoders.STRING()).toDF("text").repartition(4);
  }

  /** What a scorer in this JVM says, one text after the other; with a long text among them. */
  private static List<TextScore> scores(List<String> texts) throws IOException {
    Tokenizer tokenizer = Tokenizers.load(Novel.model());
    try (LanguageModel weights = LanguageModels.load(Novel.model())) {
      TextScorer scorer = TextScorer.of(tokenizer, weights).withStride(16);
      return texts.stream().map(scorer::score).toList();
    }
  }

  private static void assertScores(List<Row> rows, List<String> texts) throws IOException {
    List<TextScore> expected = scores(texts);
    assertThat(rows).hasSameSizeAs(texts);
    for (Row row : rows) {
      TextScore score = expected.get(texts.indexOf(row.<String>getAs("text")));
      Row given = row.getAs("score");
      assertThat(given.<Object>getAs("perplexity")).isEqualTo(score.perplexity());
      assertThat(given.<Object>getAs("bits_per_token")).isEqualTo(score.bitsPerToken());
      assertThat(given.<Object>getAs("bits_per_character")).isEqualTo(score.bitsPerCharacter());
      assertThat(given.<Object>getAs("bits_per_byte")).isEqualTo(score.bitsPerByte());
      assertThat(given.<Object>getAs("log_probability")).isEqualTo(score.logProbability());
      assertThat(given.<Integer>getAs("tokens")).isEqualTo(score.tokens().size());
      assertThat(given.<Double>getList(given.fieldIndex("surprisal")))
          .containsExactlyElementsOf(score.tokens().stream().map(TokenScore::surprisal).toList());
    }
  }

  @Test
  void each_row_gets_what_a_scorer_here_says_of_its_text() throws IOException {
    List<String> texts = new ArrayList<>(Novel.lines(60));
    texts.add(Novel.text(1000)); // longer than the context
    texts.add("");
    Dataset<Row> scored =
        BatchScorer.of(model)
            .withRuntime("cpu(threads=1)")
            .with(scorer -> scorer.withStride(16))
            .score(texts(texts), "text", "score");

    assertThat(scored.schema().apply("score").dataType()).isEqualTo(BatchScorer.scoreType());
    assertScores(scored.collectAsList(), texts);
    assertThat(scored.filter(col("score.bits_per_byte").lt(0)).count()).isZero();
  }

  @Test
  void a_row_without_text_has_no_score() {
    List<Row> rows =
        BatchScorer.of(model)
            .score(texts(Arrays.asList("It is a truth", null)), "text", "score")
            .collectAsList();
    assertThat(rows).hasSize(2).allMatch(row -> row.isNullAt(0) == row.isNullAt(1));
  }

  @Test
  void an_executor_that_dies_in_the_middle_is_made_good() throws Exception {
    List<String> texts = Novel.lines(80);
    Interruption interruption = new Interruption(folder);
    interruption.set();
    String shared = folder.toString();
    String last = texts.get(70);
    Dataset<Row> rows =
        LocalCluster.spark()
            .createDataset(texts, Encoders.STRING())
            .coalesce(2)
            .map(
                (MapFunction<String, String>)
                    text -> {
                      if (text.equals(last)) {
                        Interruption.pass(shared);
                      }
                      return text;
                    },
                Encoders.STRING())
            .toDF("text");
    CompletableFuture<Long> killed = interruption.kill();

    List<Row> scored =
        BatchScorer.of(model)
            .with(scorer -> scorer.withStride(16))
            .score(rows, "text", "score")
            .collectAsList();

    assertThat(ProcessHandle.of(killed.get(20, TimeUnit.MINUTES)).filter(ProcessHandle::isAlive))
        .isEmpty();
    assertScores(scored, texts);
  }

  @Test
  void all_tasks_of_an_executor_share_one_model() {
    String path = model;
    MapPartitionsFunction<Row, String> identities =
        rows -> {
          Object weights = new ExecutorModel(path, "cpu(threads=1)").generator().model();
          long process = ProcessHandle.current().pid();
          return List.of(process + " " + System.identityHashCode(weights)).iterator();
        };
    List<String> seen =
        texts(Novel.lines(16))
            .repartition(12)
            .mapPartitions(identities, Encoders.STRING())
            .collectAsList();

    assertThat(seen).hasSize(12);
    Set<String> processes =
        seen.stream().map(line -> line.split(" ", 2)[0]).collect(Collectors.toSet());
    assertThat(Set.copyOf(seen)).hasSameSizeAs(processes);
    assertThat(processes).doesNotContain("" + ProcessHandle.current().pid());
  }

  @Test
  void columns_that_do_not_fit_are_named() {
    Dataset<Row> rows = texts(List.of("It is"));
    BatchScorer scorer = BatchScorer.of(model);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scorer.score(rows, "words", "score"))
        .withMessage("there is no column \"words\"; there are text");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scorer.score(rows, "text", "text"))
        .withMessageContaining("there is a column \"text\" already");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scorer.withErrors("text").score(rows, "text", "score"))
        .withMessage("there is a column \"text\" already; expected another name for the errors");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scorer.score(rows.selectExpr("length(text) as text"), "text", "score"))
        .withMessage("column \"text\" is of type INT; expected STRING");
  }

  @Test
  void names_of_columns_are_those_of_the_session() {
    Dataset<Row> rows = texts(List.of("It is")).toDF("Text");
    BatchScorer scorer = BatchScorer.of(model);
    assertThat(scorer.score(rows, "text", "score").select("score.tokens").first().getInt(0))
        .isPositive();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scorer.score(rows, "Text", "text"))
        .withMessage("there is a column \"Text\" already; expected another name for the result");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scorer.withErrors("Score").score(rows, "Text", "score"))
        .withMessage("there is a column \"score\" already; expected another name for the errors");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scorer.score(rows.selectExpr("Text", "Text as text"), "text", "score"))
        .withMessage("column \"text\" is ambiguous; there are Text, text");

    LocalCluster.spark().conf().set("spark.sql.caseSensitive", "true");
    try {
      assertThat(scorer.score(rows, "Text", "text").columns()).containsExactly("Text", "text");
      assertThat(scorer.withErrors("Score").score(rows, "Text", "score").columns())
          .containsExactly("Text", "score", "Score");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> scorer.score(rows, "text", "score"))
          .withMessage("there is no column \"text\"; there are Text");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> scorer.score(rows.selectExpr("Text", "Text"), "Text", "score"))
          .withMessageContaining("is ambiguous");
    } finally {
      LocalCluster.spark().conf().unset("spark.sql.caseSensitive");
    }
  }

  @Test
  void a_model_that_executors_do_not_find_is_named() {
    Dataset<Row> scored =
        BatchScorer.of("/no/such/model").score(texts(List.of("It is")), "text", "score");
    assertThatThrownBy(scored::collectAsList).hasStackTraceContaining("/no/such/model");
  }
}
