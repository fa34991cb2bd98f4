package io.fundamentallm.spark;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.model.Cancellation;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Continues the prompts of a column, on the executors. The text of a row is a function of prompt,
 * seed and the row's key: a task that is retried, runs twice, or gets its rows from other
 * partitions writes the same text again. It is the text that a {@link TextGenerator} with the same
 * options, this seed, and the key as {@link io.fundamentallm.decoding.DecodingOptions#sequence()}
 * writes. Immutable and thread-safe; the {@code with…} methods return a changed copy.
 *
 * <pre>{@code
 * Dataset<Row> written =
 *     BatchGenerator.of("/models/novel")
 *         .withSeed(7)
 *         .with(generator -> generator.withSampler("temperature=0.8").withMaxNewTokens(40))
 *         .generate(prompts, "prompt", "id", "text");
 * }</pre>
 */
public final class BatchGenerator {
  private static final List<DataType> KEYS =
      List.of(DataTypes.LongType, DataTypes.IntegerType, DataTypes.ShortType, DataTypes.ByteType);

  private final ExecutorModel model;
  private final long seed;
  private final MapFunction<TextGenerator, TextGenerator> change;
  private final @Nullable String errors;

  private BatchGenerator(
      ExecutorModel model,
      long seed,
      MapFunction<TextGenerator, TextGenerator> change,
      @Nullable String errors) {
    this.model = model;
    this.seed = seed;
    this.change = change;
    this.errors = errors;
  }

  /**
   * A generator with seed 0 and the runtime, sampler and decoder configured on the executors; a
   * {@code generation_config.json} in the directory is ignored.
   *
   * @param model the model's directory, as {@linkplain io.fundamentallm.spark executors see it}
   */
  public static BatchGenerator of(String model) {
    return new BatchGenerator(new ExecutorModel(model, null), 0, generator -> generator, null);
  }

  /** With a named runtime, such as {@code cpu(threads=4,weights=int8)}. */
  public BatchGenerator withRuntime(String spec) {
    ExecutorModel other = new ExecutorModel(model.path(), requireNonNull(spec, "spec"));
    return new BatchGenerator(other, seed, change, errors);
  }

  /** With another seed, which all rows share. */
  public BatchGenerator withSeed(long seed) {
    return new BatchGenerator(model, seed, change, errors);
  }

  /**
   * With other settings of the generator: sampler, decoder, limits. Seed and sequence are set after
   * them.
   *
   * @param change runs on executors, once in each task; serialised with what it refers to. Replaces
   *     an earlier one
   */
  public BatchGenerator with(MapFunction<TextGenerator, TextGenerator> change) {
    return new BatchGenerator(model, seed, requireNonNull(change, "change"), errors);
  }

  /**
   * With a column of texts that says why a row has no continuation. Without one, a row that fails
   * makes the job fail.
   */
  public BatchGenerator withErrors(String column) {
    return new BatchGenerator(model, seed, change, requireNonNull(column, "column"));
  }

  /**
   * The rows with a column of continuations, without the prompts; null where the prompt is null.
   * Nothing is computed before Spark requests it. A row that fails, such as a prompt longer than
   * the model's context, fails the job, without {@link #withErrors}; the message names its key. A
   * continuation ends when the context is full, unless {@link #with} sets another {@link
   * io.fundamentallm.decoding.ContextPolicy}.
   *
   * @param prompt column of texts, or a field within one, {@code document.body}
   * @param key column of whole numbers that tells the rows apart; for other keys add a column,
   *     {@code withColumn("key", xxhash64(col("id")))}. Equal prompts with equal keys continue
   *     alike
   * @param text name of the column that is added
   * @throws IllegalArgumentException if there are no such columns, or there is already one with the
   *     new name
   */
  public Dataset<Row> generate(Dataset<Row> rows, String prompt, String key, String text) {
    ColumnPath prompts = Columns.text(rows, prompt);
    ColumnPath keys =
        Columns.path(
            rows, key, KEYS, "expected whole numbers, such as those of xxhash64(col(\"id\"))");
    StructType result = Columns.with(rows, text, DataTypes.StringType, errors);
    ExecutorModel named = model;
    long seeded = seed;
    boolean reasons = errors != null;
    MapFunction<TextGenerator, TextGenerator> changed = change;
    MapPartitionsFunction<Row, Row> task =
        partition -> {
          TextGenerator generator =
              changed.call(named.generator()).with(options -> options.seed(seeded));
          return new ConcurrentRows(
              partition,
              (row, cancellation) ->
                  Columns.with(
                      row,
                      reasons,
                      () -> text(generator, prompts.text(row), keys.of(row), cancellation)));
        };
    return rows.mapPartitions(task, Encoders.row(result));
  }

  private static @Nullable String text(
      TextGenerator generator,
      @Nullable String prompt,
      @Nullable Object key,
      Cancellation cancellation) {
    if (prompt == null) {
      return null;
    }
    if (key == null) {
      throw new IllegalStateException("a row has a prompt and no key: " + prompt);
    }
    long sequence = ((Number) key).longValue();
    try {
      return generator
          .with(options -> options.sequence(sequence).cancellation(cancellation))
          .generate(prompt);
    } catch (CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new IllegalStateException("the row with key " + key + ": " + e.getMessage(), e);
    }
  }
}
