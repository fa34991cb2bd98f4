package io.fundamentallm.spark;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.TextEmbedder;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Makes vectors of the texts of a column, on the executors: what {@link TextEmbedder} makes of
 * each. A row's vector depends on its text alone. Immutable and thread-safe; the {@code with…}
 * methods return a changed copy.
 *
 * <pre>{@code
 * Dataset<Row> embedded = BatchEmbedder.of("/models/novel").embed(texts, "text", "vector");
 * }</pre>
 */
public final class BatchEmbedder {
  private final ExecutorModel model;
  private final MapFunction<TextEmbedder, TextEmbedder> change;
  private final @Nullable String errors;

  private BatchEmbedder(
      ExecutorModel model,
      MapFunction<TextEmbedder, TextEmbedder> change,
      @Nullable String errors) {
    this.model = model;
    this.change = change;
    this.errors = errors;
  }

  /**
   * An embedder that takes the mean, normalized, with the runtime configured on the executors.
   *
   * @param model the model's directory, as {@linkplain io.fundamentallm.spark executors see it}
   */
  public static BatchEmbedder of(String model) {
    return new BatchEmbedder(new ExecutorModel(model, null), embedder -> embedder, null);
  }

  /** With a named runtime, such as {@code cpu(threads=4,weights=int8)}. */
  public BatchEmbedder withRuntime(String spec) {
    return new BatchEmbedder(
        new ExecutorModel(model.path(), requireNonNull(spec, "spec")), change, errors);
  }

  /**
   * With other settings of the embedder: {@code with(embedder ->
   * embedder.withNormalization(false))}.
   *
   * @param change runs on executors, once in each task; serialised with what it refers to. Replaces
   *     an earlier one
   */
  public BatchEmbedder with(MapFunction<TextEmbedder, TextEmbedder> change) {
    return new BatchEmbedder(model, requireNonNull(change, "change"), errors);
  }

  /**
   * With a column of texts that says why a row has no vector. Without one, a row that fails, such
   * as a text longer than the model's context, makes the job fail.
   */
  public BatchEmbedder withErrors(String column) {
    return new BatchEmbedder(model, change, requireNonNull(column, "column"));
  }

  /**
   * The rows with a column of vectors, an array of as many floats as the model's hidden states
   * have; null where the text is null. Nothing is computed before Spark requests it.
   *
   * @param text column of texts, or a field within one, {@code document.body}
   * @param vector name of the column that is added
   * @throws IllegalArgumentException if there is no such column of texts, or there is already one
   *     with the new name
   */
  public Dataset<Row> embed(Dataset<Row> rows, String text, String vector) {
    ColumnPath path = Columns.text(rows, text);
    StructType schema =
        Columns.with(rows, vector, DataTypes.createArrayType(DataTypes.FloatType, false), errors);
    ExecutorModel named = model;
    boolean reasons = errors != null;
    MapFunction<TextEmbedder, TextEmbedder> changed = change;
    MapPartitionsFunction<Row, Row> task =
        partition -> {
          TextEmbedder embedder =
              changed.call(
                  TextEmbedder.of(named.generator().tokenizer(), named.generator().model()));
          return new ConcurrentRows(
              partition,
              (row, cancellation) ->
                  Columns.with(
                      row,
                      reasons,
                      () -> vector(embedder.withCancellation(cancellation), path.text(row))));
        };
    return rows.mapPartitions(task, Encoders.row(schema));
  }

  static Float @Nullable [] vector(TextEmbedder embedder, @Nullable String text) {
    if (text == null) {
      return null;
    }
    float[] vector = embedder.embed(text);
    Float[] boxed = new Float[vector.length];
    for (int i = 0; i < vector.length; i++) {
      boxed[i] = vector[i];
    }
    return boxed;
  }
}
