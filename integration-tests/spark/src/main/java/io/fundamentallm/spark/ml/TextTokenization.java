package io.fundamentallm.spark.ml;

import io.fundamentallm.spark.BatchTokenizer;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Turns texts into the ids of their tokens: a column of arrays of whole numbers. */
public final class TextTokenization extends ModelTransformer<TextTokenization> {
  private static final long serialVersionUID = 1;

  /** With a uid of its own. */
  public TextTokenization() {
    this(Identifiable.randomUID("textTokenization"));
  }

  /** With this uid. */
  public TextTokenization(String uid) {
    super(uid);
  }

  /** Reads what {@code save} wrote. */
  public static MLReader<TextTokenization> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads what {@code save} wrote there. */
  public static TextTokenization load(String path) {
    return read().load(path);
  }

  @Override
  TextTokenization self() {
    return this;
  }

  @Override
  Dataset<Row> add(Dataset<Row> rows) {
    return batch(BatchTokenizer::of, BatchTokenizer::withErrors)
        .tokenize(rows, required(inputCol()), required(outputCol()));
  }
}
