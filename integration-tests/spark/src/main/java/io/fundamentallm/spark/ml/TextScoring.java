package io.fundamentallm.spark.ml;

import io.fundamentallm.spark.BatchScorer;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Measures texts with a model: a column of {@link BatchScorer#scoreType()}. */
public final class TextScoring extends WeightsTransformer<TextScoring> {
  private static final long serialVersionUID = 1;

  private final IntParam stride;

  /** With a uid of its own. */
  public TextScoring() {
    this(Identifiable.randomUID("textScoring"));
  }

  /** With this uid. */
  public TextScoring(String uid) {
    super(uid);
    stride =
        new IntParam(
            uid,
            "stride",
            "tokens that a window advances by in a long text (> 0)",
            ParamValidators.gt(0));
  }

  /** Reads what {@code save} wrote. */
  public static MLReader<TextScoring> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads what {@code save} wrote there. */
  public static TextScoring load(String path) {
    return read().load(path);
  }

  /** The parameter {@code stride}; by default half a context. */
  public IntParam stride() {
    return stride;
  }

  /**
   * Sets the tokens that a window advances by in a text longer than the context.
   *
   * @param value at least 1
   */
  public TextScoring setStride(int value) {
    set(stride, value);
    return this;
  }

  @Override
  TextScoring self() {
    return this;
  }

  @Override
  Dataset<Row> add(Dataset<Row> rows) {
    BatchScorer scorer = batch(BatchScorer::of, BatchScorer::withRuntime, BatchScorer::withErrors);
    if (isDefined(stride)) {
      int tokens = (Integer) getOrDefault(stride);
      scorer = scorer.with(one -> one.withStride(tokens));
    }
    return scorer.score(rows, required(inputCol()), required(outputCol()));
  }
}
