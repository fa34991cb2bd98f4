package io.fundamentallm.spark;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.TextScore;
import io.fundamentallm.TextScorer;
import io.fundamentallm.TokenScore;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Measures the texts of a column with a model, on the executors: what {@link TextScorer} reports
 * for each. A row's figures depend on its text alone, not on partitions, retries or other rows.
 * Immutable and thread-safe; the {@code with…} methods return a changed copy.
 *
 * <pre>{@code
 * Dataset<Row> scored = BatchScorer.of("/models/novel").score(texts, "text", "score");
 * scored.filter("score.bits_per_byte < 2").select("text", "score.*").show();
 * }</pre>
 */
public final class BatchScorer {
  private static final StructType SCORE =
      new StructType()
          .add("perplexity", DataTypes.DoubleType, false)
          .add("bits_per_token", DataTypes.DoubleType, false)
          .add("bits_per_character", DataTypes.DoubleType, false)
          .add("bits_per_byte", DataTypes.DoubleType, false)
          .add("log_probability", DataTypes.DoubleType, false)
          .add("tokens", DataTypes.IntegerType, false)
          .add("surprisal", DataTypes.createArrayType(DataTypes.DoubleType, false), false);

  private final ExecutorModel model;
  private final MapFunction<TextScorer, TextScorer> change;
  private final @Nullable String errors;

  private BatchScorer(
      ExecutorModel model, MapFunction<TextScorer, TextScorer> change, @Nullable String errors) {
    this.model = model;
    this.change = change;
    this.errors = errors;
  }

  /**
   * A scorer with the runtime configured on the executors.
   *
   * @param model the model's directory, as {@linkplain io.fundamentallm.spark executors see it}
   */
  public static BatchScorer of(String model) {
    return new BatchScorer(new ExecutorModel(model, null), scorer -> scorer, null);
  }

  /** With a named runtime, such as {@code cpu(threads=4,weights=int8)}. */
  public BatchScorer withRuntime(String spec) {
    return new BatchScorer(
        new ExecutorModel(model.path(), requireNonNull(spec, "spec")), change, errors);
  }

  /**
   * With other settings of the scorer: {@code with(scorer -> scorer.withStride(64))}.
   *
   * @param change runs on executors, once in each task; serialised with what it refers to. Replaces
   *     an earlier one
   */
  public BatchScorer with(MapFunction<TextScorer, TextScorer> change) {
    return new BatchScorer(model, requireNonNull(change, "change"), errors);
  }

  /**
   * With a column of texts that says why a row has no score. Without one, a row that fails makes
   * the job fail.
   */
  public BatchScorer withErrors(String column) {
    return new BatchScorer(model, change, requireNonNull(column, "column"));
  }

  /**
   * The type of the column that is added: {@code perplexity}, {@code bits_per_token} (the mean
   * surprisal), {@code bits_per_character}, {@code bits_per_byte}, {@code log_probability} (in
   * nats, of the whole text), {@code tokens} (how many were scored), and {@code surprisal}, the
   * bits of each. Figures per unit are NaN where nothing was scored.
   */
  public static StructType scoreType() {
    return SCORE;
  }

  /**
   * The rows with one more column, of {@link #scoreType()}; null where the text is null. Nothing is
   * computed before Spark requests it.
   *
   * @param text column of texts, or a field within one, {@code document.body}
   * @param score name of the column that is added
   * @throws IllegalArgumentException if there is no such column of texts, or there is already one
   *     with the new name
   */
  public Dataset<Row> score(Dataset<Row> rows, String text, String score) {
    ColumnPath path = Columns.text(rows, text);
    StructType schema = Columns.with(rows, score, SCORE, errors);
    boolean reasons = errors != null;
    ExecutorModel named = model;
    MapFunction<TextScorer, TextScorer> changed = change;
    MapPartitionsFunction<Row, Row> task =
        partition -> {
          TextScorer scorer =
              changed.call(TextScorer.of(named.generator().tokenizer(), named.generator().model()));
          return new ConcurrentRows(
              partition,
              (row, cancellation) ->
                  Columns.with(
                      row,
                      reasons,
                      () -> score(scorer.withCancellation(cancellation), path.text(row))));
        };
    return rows.mapPartitions(task, Encoders.row(schema));
  }

  static @Nullable Row score(TextScorer scorer, @Nullable String text) {
    if (text == null) {
      return null;
    }
    TextScore score = scorer.score(text);
    return RowFactory.create(
        score.perplexity(),
        score.bitsPerToken(),
        score.bitsPerCharacter(),
        score.bitsPerByte(),
        score.logProbability(),
        score.tokens().size(),
        score.tokens().stream().map(TokenScore::surprisal).toArray(Double[]::new));
  }
}
