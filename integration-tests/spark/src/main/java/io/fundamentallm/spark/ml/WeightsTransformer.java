package io.fundamentallm.spark.ml;

import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.spark.ml.param.Param;

/**
 * A stage that runs the model.
 *
 * @param <S> the stage
 */
public abstract class WeightsTransformer<S extends WeightsTransformer<S>>
    extends ModelTransformer<S> {
  private static final long serialVersionUID = 1;

  private final Param<String> runtime;

  WeightsTransformer(String uid) {
    super(uid);
    runtime = text("runtime", "what runs the model, such as cpu(threads=4,weights=int8)");
  }

  /** What computes the results, with the model, runtime and errors' column of this stage. */
  final <B> B batch(
      Function<String, B> of,
      BiFunction<B, String, B> withRuntime,
      BiFunction<B, String, B> withErrors) {
    return changed(batch(of, withErrors), runtime, withRuntime);
  }

  /** The parameter {@code runtime}; by default the one configured on the executors. */
  public final Param<String> runtime() {
    return runtime;
  }

  /** Sets what runs the model, such as {@code cpu(threads=4,weights=int8)}. */
  public final S setRuntime(String value) {
    set(runtime, value);
    return self();
  }
}
