package io.fundamentallm.spark.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.when;

import io.fundamentallm.Pooling;
import io.fundamentallm.spark.BatchEmbedder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Makes vectors of texts: a column of Spark ML's vectors, which its other stages take. */
public final class TextEmbedding extends WeightsTransformer<TextEmbedding> {
  private static final long serialVersionUID = 1;

  private static final List<String> POOLINGS =
      Arrays.stream(Pooling.values()).map(pooling -> name(pooling)).toList();

  private final Param<String> pooling;
  private final BooleanParam normalization;

  /** With a uid of its own. */
  public TextEmbedding() {
    this(Identifiable.randomUID("textEmbedding"));
  }

  /** With this uid. */
  public TextEmbedding(String uid) {
    super(uid);
    pooling =
        new Param<>(
            uid,
            "pooling",
            "how hidden states become one vector: " + String.join(", ", POOLINGS),
            ParamValidators.inArray(POOLINGS),
            String.class);
    normalization = new BooleanParam(uid, "normalization", "whether vectors have length 1");
    setDefault(pooling, "mean");
    setDefault(normalization, true);
  }

  /** Reads what {@code save} wrote. */
  public static MLReader<TextEmbedding> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads what {@code save} wrote there. */
  public static TextEmbedding load(String path) {
    return read().load(path);
  }

  /** The parameter {@code pooling}; by default {@code mean}. */
  public Param<String> pooling() {
    return pooling;
  }

  /** The parameter {@code normalization}; by default true. */
  public BooleanParam normalization() {
    return normalization;
  }

  /**
   * Sets how hidden states become one vector.
   *
   * @param value the name of a {@link Pooling}, in lower case
   */
  public TextEmbedding setPooling(String value) {
    set(pooling, name(pooling(value)));
    return this;
  }

  /** Sets whether vectors are brought to length 1. */
  public TextEmbedding setNormalization(boolean value) {
    set(normalization, value);
    return this;
  }

  @Override
  TextEmbedding self() {
    return this;
  }

  @Override
  Dataset<Row> add(Dataset<Row> rows) {
    Pooling pooled = pooling(required(pooling));
    boolean normalized = (Boolean) getOrDefault(normalization);
    BatchEmbedder embedder =
        batch(BatchEmbedder::of, BatchEmbedder::withRuntime, BatchEmbedder::withErrors)
            .with(one -> one.withPooling(pooled).withNormalization(normalized));
    String output = required(outputCol());
    Column floats = col("`" + output.replace("`", "``") + "`");
    return embedder
        .embed(rows, required(inputCol()), output)
        .withColumn(output, when(floats.isNotNull(), functions.array_to_vector(floats)));
  }

  private static Pooling pooling(String name) {
    return Arrays.stream(Pooling.values())
        .filter(pooling -> name(pooling).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no pooling \""
                        + name
                        + "\"; expected one of "
                        + String.join(", ", POOLINGS)));
  }

  private static String name(Pooling pooling) {
    return pooling.name().toLowerCase(Locale.ROOT);
  }
}
