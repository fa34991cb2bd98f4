package io.fundamentallm.spark;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Turns the texts of a column into tokens, on the executors: as one more column, or as files to
 * train on. Immutable and thread-safe.
 */
public final class BatchTokenizer {
  private final ExecutorModel model;
  private final @Nullable String errors;

  private BatchTokenizer(ExecutorModel model, @Nullable String errors) {
    this.model = model;
    this.errors = errors;
  }

  /**
   * A tokenizer.
   *
   * @param model a directory with the tokenizer's files, as {@linkplain io.fundamentallm.spark
   *     executors see it}; it need not have weights
   */
  public static BatchTokenizer of(String model) {
    return new BatchTokenizer(new ExecutorModel(model, null), null);
  }

  /**
   * With a column of texts that says why a row has no tokens, as {@link #tokenize} adds it. Without
   * one, a text that the vocabulary cannot represent makes the job fail.
   */
  public BatchTokenizer withErrors(String column) {
    return new BatchTokenizer(model, requireNonNull(column, "column"));
  }

  /**
   * The rows with a column of ids, as {@link Tokenizer#encode(CharSequence)} gives them; null where
   * the text is null. Nothing is computed before Spark requests it.
   *
   * @param text column of texts, or a field within one, {@code document.body}
   * @param tokens name of the column that is added
   * @throws IllegalArgumentException if there is no such column of texts, or there is already one
   *     with the new name
   */
  public Dataset<Row> tokenize(Dataset<Row> rows, String text, String tokens) {
    ColumnPath path = Columns.text(rows, text);
    StructType schema =
        Columns.with(rows, tokens, DataTypes.createArrayType(DataTypes.IntegerType, false), errors);
    ExecutorModel named = model;
    boolean reasons = errors != null;
    MapPartitionsFunction<Row, Row> task =
        partition -> {
          Tokenizer tokenizer = named.tokenizer();
          return StreamSupport.stream(Spliterators.spliteratorUnknownSize(partition, 0), false)
              .map(row -> Columns.with(row, reasons, () -> ids(tokenizer, path.text(row))))
              .iterator();
        };
    return rows.mapPartitions(task, Encoders.row(schema));
  }

  /**
   * Writes files of tokens, {@code part-00000.bin} and so on, one for each partition that has
   * texts: what {@link io.fundamentallm.training.TokenFile} writes and opens, each text a document
   * between begin and end tokens. {@code repartition} sets how many files there are; {@link Diloco}
   * takes any number. Rows without text are left out. Each file is complete or absent; a task that
   * runs again writes the same file again, as long as its rows come in the same order.
   *
   * @param text column of texts, or a field within one, {@code document.body}
   * @param directory an absolute path, where all executors write and those that train read; created
   *     if missing
   * @return how many tokens were written
   * @throws IllegalArgumentException if there is no such column of texts, or the path is relative
   * @throws IOException if the driver already sees files of tokens there
   */
  public long write(Dataset<Row> rows, String text, String directory) throws IOException {
    Path folder = Path.of(requireNonNull(directory, "directory"));
    if (!folder.isAbsolute()) {
      throw new IllegalArgumentException(
          "directory " + directory + " is relative; expected a path that all executors see");
    }
    ColumnPath path = Columns.text(rows, text);
    if (Files.isDirectory(folder)) {
      try (Stream<Path> there = Files.list(folder)) {
        if (there.anyMatch(TokenParts::isPart)) {
          throw new IOException(
              folder + " has files of tokens already; delete them, or write elsewhere");
        }
      }
    }
    ExecutorModel named = model;
    MapPartitionsFunction<Row, Long> task =
        partition -> {
          TokenPart part = new TokenPart(named.tokenizer());
          Path file = Path.of(directory, TokenParts.name(TaskContext.getPartitionId()));
          return List.of(part.write(partition, path, file)).iterator();
        };
    List<Long> written = rows.mapPartitions(task, Encoders.LONG()).collectAsList();
    return written.stream().mapToLong(Long::longValue).sum();
  }

  static Integer @Nullable [] ids(Tokenizer tokenizer, @Nullable String text) {
    return text == null
        ? null
        : Arrays.stream(tokenizer.encode(text)).boxed().toArray(Integer[]::new);
  }
}
