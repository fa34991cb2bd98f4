package io.fundamentallm.spark;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.TextGenerator;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
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

  /** That of the SQL function {@code xxhash64}. */
  private static final long XXHASH64_SEED = 42;

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
    return written(rows, prompt, requireNonNull(key, "key"), text);
  }

  /**
   * The same with a hash of each prompt as its key, the one that Spark's {@code xxhash64} gives:
   * equal prompts continue alike.
   *
   * @param prompt column of texts, or a field within one, {@code document.body}
   * @param text name of the column that is added
   * @throws IllegalArgumentException if there is no such column of texts, or there is already one
   *     with the new name
   */
  public Dataset<Row> generate(Dataset<Row> rows, String prompt, String text) {
    return written(rows, prompt, null, text);
  }

  private Dataset<Row> written(
      Dataset<Row> rows, String prompt, @Nullable String key, String text) {
    ColumnPath prompts = Columns.text(rows, prompt);
    ColumnPath keys =
        key == null
            ? null
            : Columns.path(
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
          // settings that do not fit the model show here, before they are a row's
          generator.tokens(new int[] {0}).close();
          return new ConcurrentRows(
              partition,
              (row, cancellation) -> {
                TextGenerator one = generator.with(options -> options.cancellation(cancellation));
                try {
                  return Columns.with(row, reasons, () -> text(one, row, prompts, keys));
                } catch (CancellationException e) {
                  throw e;
                } catch (RuntimeException e) {
                  throw keys == null
                      ? e
                      : new IllegalStateException(
                          "the row with key " + keys.of(row) + ": " + e.getMessage(), e);
                }
              });
        };
    return rows.mapPartitions(task, Encoders.row(result));
  }

  private static @Nullable String text(
      TextGenerator generator, Row row, ColumnPath prompts, @Nullable ColumnPath keys) {
    String prompt = prompts.text(row);
    if (prompt == null) {
      return null;
    }
    long sequence = keys == null ? hash(prompt) : key(row, keys);
    return generator.with(options -> options.sequence(sequence)).generate(prompt);
  }

  private static long key(Row row, ColumnPath keys) {
    Object key = keys.of(row);
    if (key == null) {
      throw new IllegalArgumentException(
          "column \"" + keys.name() + "\" is null beside a prompt; expected a whole number");
    }
    return ((Number) key).longValue();
  }

  private static long hash(String prompt) {
    return XXH64.hashUTF8String(UTF8String.fromString(prompt), XXHASH64_SEED);
  }
}
