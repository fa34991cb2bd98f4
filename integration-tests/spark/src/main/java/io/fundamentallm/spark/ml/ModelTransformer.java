package io.fundamentallm.spark.ml;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What all stages have: the columns and the model. As with Spark's own stages, one thread at a time
 * changes parameters.
 *
 * @param <S> the stage
 */
public abstract class ModelTransformer<S extends ModelTransformer<S>> extends Transformer
    implements DefaultParamsWritable {
  private static final long serialVersionUID = 1;

  private final String uid;
  private final Param<String> model;
  private final Param<String> inputCol;
  private final Param<String> outputCol;
  private final Param<String> errorCol;

  ModelTransformer(String uid) {
    this.uid = uid;
    model = text("model", "directory of the model, as executors see it");
    inputCol = text("inputCol", "column of texts, or a field within one, document.body");
    outputCol = text("outputCol", "name of the column that is added");
    errorCol =
        text(
            "errorCol", "column for why a row has no result; without it, such a row fails the job");
    setDefault(outputCol, uid + "__output");
  }

  /** A parameter of this stage. */
  final Param<String> text(String name, String doc) {
    return new Param<>(uid, name, doc, String.class);
  }

  /** This stage. */
  abstract S self();

  /** The rows with the columns that this stage adds. */
  abstract Dataset<Row> add(Dataset<Row> rows);

  /** The value of a parameter; null if it has none. */
  final <T> @Nullable T value(Param<T> parameter) {
    return isDefined(parameter) ? getOrDefault(parameter) : null;
  }

  /** What computes the results, with the model and the errors' column of this stage. */
  final <B> B batch(Function<String, B> of, BiFunction<B, String, B> withErrors) {
    return changed(of.apply(required(model)), errorCol, withErrors);
  }

  /** Changed if the parameter has a value. */
  final <B> B changed(B batch, Param<String> parameter, BiFunction<B, String, B> change) {
    String value = value(parameter);
    return value == null ? batch : change.apply(batch, value);
  }

  /** The value of a parameter that must have one. */
  final String required(Param<String> parameter) {
    if (!isDefined(parameter)) {
      throw new IllegalStateException(
          uid + ": the parameter " + parameter.name() + " is not set: " + parameter.doc());
    }
    return getOrDefault(parameter);
  }

  @Override
  public final String uid() {
    return uid;
  }

  /** The parameter {@code model}. */
  public final Param<String> model() {
    return model;
  }

  /** The parameter {@code inputCol}. */
  public final Param<String> inputCol() {
    return inputCol;
  }

  /** The parameter {@code outputCol}; by default made of the stage's uid. */
  public final Param<String> outputCol() {
    return outputCol;
  }

  /** The parameter {@code errorCol}; by default none. */
  public final Param<String> errorCol() {
    return errorCol;
  }

  /** Sets the model's directory, as {@linkplain io.fundamentallm.spark executors see it}. */
  public final S setModel(String value) {
    set(model, value);
    return self();
  }

  /** Sets the column of texts, or a field within one, {@code document.body}. */
  public final S setInputCol(String value) {
    set(inputCol, value);
    return self();
  }

  /** Sets the name of the column that is added. */
  public final S setOutputCol(String value) {
    set(outputCol, value);
    return self();
  }

  /**
   * Sets the name of a column of texts that says why a row has no result. Without one, a row that
   * fails makes the job fail.
   */
  public final S setErrorCol(String value) {
    set(errorCol, value);
    return self();
  }

  /**
   * The rows with the result's column. Nothing is computed before Spark requests it.
   *
   * @throws IllegalStateException if the model or the input column is not set
   * @throws IllegalArgumentException if there is no such column of texts, or there is already one
   *     with the new name
   */
  @Override
  public final Dataset<Row> transform(Dataset<?> rows) {
    return add(rows.toDF());
  }

  @Override
  public final StructType transformSchema(StructType schema) {
    return add(SparkSession.active().createDataFrame(List.of(), schema)).schema();
  }

  @Override
  public final Transformer copy(ParamMap extra) {
    return defaultCopy(extra);
  }
}
