package io.fundamentallm.runtime.cpu.reference;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A llama that computes the same in wider rows, so that blocks of 256 fit: between its channels,
 * after its inner ones and after its heads stand zeros. A norm divides by the root of the mean,
 * which zeros make smaller.
 */
final class PaddedLlama {
  private final int width;
  private final int factor;

  private PaddedLlama(HuggingFaceModel model, int width) {
    this.width = width;
    factor = width / model.size("hidden_size");
  }

  /**
   * The wider model.
   *
   * @param width of all rows: the hidden size times a square of a whole number
   */
  static HuggingFaceModel of(HuggingFaceModel model, int width) {
    PaddedLlama padded = new PaddedLlama(model, width);
    Map<String, Object> config = new LinkedHashMap<>(model.config());
    config.put("hidden_size", width);
    config.put("intermediate_size", width);
    config.put("num_attention_heads", model.size("num_attention_heads") * padded.factor);
    config.put("num_key_value_heads", model.size("num_key_value_heads") * padded.factor);
    config.put("rms_norm_eps", model.real("rms_norm_eps", 1e-5) / padded.factor);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    model.tensors().forEach((name, tensor) -> tensors.put(name, padded.tensor(name, tensor)));
    return new HuggingFaceModel(config, tensors);
  }

  private Tensor tensor(String name, Tensor tensor) {
    if (tensor.shape().length == 1) {
      float[] values = new float[width];
      for (int i = 0; i < tensor.values().length; i++) {
        values[i * factor] = tensor.values()[i] / (float) Math.sqrt(factor);
      }
      return new Tensor(new int[] {width}, values);
    }
    boolean channelsOut = name.contains("o_proj") || name.contains("down_proj");
    int rows = name.contains("embed_tokens") ? tensor.rows() : width;
    if (name.contains("k_proj") || name.contains("v_proj")) {
      rows = tensor.rows() * factor;
    }
    float[] values = new float[rows * width];
    for (int r = 0; r < tensor.rows(); r++) {
      for (int c = 0; c < tensor.columns(); c++) {
        int row = channelsOut ? r * factor : r;
        int column = channelsOut ? c : c * factor;
        values[row * width + column] = (float) tensor.at(r, c);
      }
    }
    return new Tensor(new int[] {rows, width}, values);
  }
}
