package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.format.spec.Architecture;
import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.train.layer.TrainableConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Which of the models that can be run can also be trained: those whose every part the trainer has.
 */
final class TrainableShape {
  private TrainableShape() {}

  /**
   * The shape of a model.
   *
   * @param file its configuration
   * @throws IOException when it has parts that the trainer lacks; names the file and all such parts
   */
  static TrainableConfig of(ModelSpec spec, Path file) throws IOException {
    TransformerConfig config = spec.config();
    List<String> lacking = lacking(config, spec.architecture());
    if (!lacking.isEmpty()) {
      throw new IOException(
          file
              + ": a model of type "
              + config.architecture()
              + " is run but not trained where it has "
              + String.join(", ", lacking));
    }
    Rotary rotary = config.positions().get(0).rotary();
    try {
      return new TrainableConfig(
          rotary == null ? TrainableConfig.Style.GPT2 : TrainableConfig.Style.LLAMA,
          config.vocabularySize(),
          config.contextLength(),
          config.hiddenSize(),
          config.layers(),
          config.heads(),
          config.keyValueHeads(),
          config.innerSize(),
          config.norms().epsilon(),
          spec.architecture().tied(),
          rotary == null ? TrainableConfig.DEFAULT_THETA : rotary.theta(),
          rotary == null ? new Rotary.Unscaled() : rotary.scaling());
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static List<String> lacking(TransformerConfig config, Architecture architecture) {
    List<String> lacking = new ArrayList<>();
    Rotary rotary = config.positions().get(0).rotary();
    boolean llama = rotary != null;
    int headSize = config.hiddenSize() / config.heads();
    if (config.headSize() != headSize) {
      lacking.add(
          "heads of "
              + config.headSize()
              + " channels instead of "
              + config.hiddenSize()
              + "/"
              + config.heads());
    } else if (rotary != null && rotary.dimensions() != headSize) {
      lacking.add("rotary positions for " + rotary.dimensions() + " of " + headSize + " channels");
    }
    if (config.norms().rms() != llama) {
      lacking.add(llama ? "LayerNorm with rotary positions" : "RMSNorm with a position table");
    }
    if (config.feedForward().gated() != llama) {
      lacking.add((llama ? "an ungated" : "a gated") + " feed-forward layer");
    }
    Activation activation = llama ? Activation.SILU : Activation.GELU_TANH;
    if (config.feedForward().activation() != activation) {
      lacking.add(
          "the activation "
              + config.feedForward().activation()
              + " ("
              + activation
              + " is what is trained)");
    }
    if (config.norms().parallel()) {
      lacking.add("attention and feed-forward layer side by side");
    }
    if (config.norms().after()) {
      lacking.add("norms after attention and feed-forward layer");
    }
    if (config.attention().norm() != TransformerConfig.QueryKeyNorm.NONE) {
      lacking.add("norms of queries and keys");
    }
    if (llama && architecture.biases().queryKeyValue() != Architecture.Bias.ABSENT) {
      lacking.add("biases of queries, keys and values");
    }
    if (llama && architecture.biases().attentionOut() != Architecture.Bias.ABSENT) {
      lacking.add("a bias after attention");
    }
    if (llama && architecture.biases().inner() != Architecture.Bias.ABSENT) {
      lacking.add("biases of feed-forward layers");
    }
    if (!llama && !architecture.tied()) {
      lacking.add("a position table and an untied head");
    }
    if (!config.scales().equals(TransformerConfig.Scales.NONE)) {
      lacking.add("scaled embeddings, residuals or logits");
    }
    TransformerConfig.Attention plain =
        TransformerConfig.Attention.of(config.heads(), config.keyValueHeads(), config.headSize());
    if (!config.attention().with(plain.norm()).equals(plain)) {
      lacking.add("scores of attention that are scaled, capped or sunk");
    }
    if (config.feedForward().experts() != null) {
      lacking.add("experts");
    }
    for (TransformerConfig.Positions layer : config.positions()) {
      if (!Objects.equals(layer.rotary(), rotary)) {
        lacking.add("layers that differ in their positions");
        break;
      }
    }
    for (TransformerConfig.Positions layer : config.positions()) {
      int window = layer.window();
      if (window > 0 && window < config.contextLength()) {
        lacking.add("attention to the last " + window + " tokens only");
        break;
      }
    }
    return lacking;
  }
}
