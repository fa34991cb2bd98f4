package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Which of the models that can be run can also be trained: those whose every part the trainer has.
 */
final class TrainableShape {
  /** As in transformers, where config.json does not say. */
  private static final double BALANCE = 0.001;

  private TrainableShape() {}

  /**
   * The shape of a model.
   *
   * @param file its configuration
   * @throws IOException when it has parts that the trainer lacks; names the file and all such parts
   */
  static TrainableConfig of(ModelSpec spec, Path file) throws IOException {
    TransformerConfig config = spec.config();
    List<String> lacking = lacking(spec);
    if (!lacking.isEmpty()) {
      throw new IOException(
          file
              + ": a model of type "
              + config.architecture()
              + " is run but not trained where it has "
              + String.join(", ", lacking));
    }
    double balance =
        config.feedForward().experts() == null
            ? 0
            : spec.settings().real("router_aux_loss_coef", BALANCE);
    if (!(balance >= 0 && balance < Float.POSITIVE_INFINITY)) {
      throw spec.settings().problem("router_aux_loss_coef", "expected 0 or more");
    }
    return new TrainableConfig(config, spec.architecture(), (float) balance);
  }

  private static List<String> lacking(ModelSpec spec) {
    TransformerConfig config = spec.config();
    List<String> lacking = new ArrayList<>();
    if (config.norms().parallel()) {
      lacking.add("attention and feed-forward layer side by side (\"use_parallel_residual\")");
    }
    if (spec.architecture().order() != HeadOrder.PLAIN) {
      lacking.add("query, key and value of each head together in one tensor");
    }
    if (spec.architecture().names().has(Part.SINKS)) {
      lacking.add("a score of each head for attending to nothing (sinks)");
    }
    if (config.feedForward().limit() > 0) {
      lacking.add("gates that are cut off (\"swiglu_limit\")");
    }
    if (spec.architecture().names().fusedExperts()) {
      lacking.add("all experts of a layer in one tensor");
    }
    if (spec.family().has(Trait.TEXT_CONFIG)) {
      lacking.add("parts for images (\"text_config\" says that there are some)");
    }
    return lacking;
  }
}
