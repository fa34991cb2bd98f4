package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import io.fundamentallm.runtime.cpu.format.tensor.LowRank;
import io.fundamentallm.runtime.cpu.format.tensor.OrderedMatrix;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorMatrix;
import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a LoRA adapter adds to one linear layer of a model.
 *
 * @param name of the layer in GGUF files, without {@code .weight}
 * @param a [rank][inputs]
 * @param b [outputs][rank]; queries, keys and values in this runtime's order
 * @param rank of both
 * @param scale factor on their product
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
public record AdaptedLayer(String name, float[] a, float[] b, int rank, float scale) {

  private static final Set<Part> LINEAR =
      EnumSet.of(
          Part.QUERY_KEY_VALUE,
          Part.QUERY,
          Part.KEY,
          Part.VALUE,
          Part.ATTENTION_OUT,
          Part.GATE,
          Part.UP,
          Part.GATE_UP,
          Part.DOWN);

  /**
   * Reads the layers of an adapter in the layout of PEFT.
   *
   * @throws IOException when it cannot be read or is not for this model; names file and tensor
   */
  public static List<AdaptedLayer> read(ModelFiles model, Path directory) throws IOException {
    TransformerConfig config = model.config();
    ModelSpec spec = model.spec();
    boolean gguf = spec.architecture().names().equals(spec.family().ggufNames());
    // adapters of a GGUF file have the names and the order of Hugging Face's files
    TensorNames own = gguf ? spec.family().names() : spec.architecture().names();
    HeadOrder order = gguf ? HeadOrder.PLAIN : spec.architecture().order();
    Map<String, String> names = names(spec, own);
    List<AdaptedLayer> layers = new ArrayList<>();
    try (LoraAdapter adapter = LoraAdapter.open(directory)) {
      for (Map.Entry<String, String> name : names.entrySet()) {
        LowRank factors = adapter.of(name.getKey(), own.prefix());
        if (factors != null) {
          layers.add(read(name.getValue(), factors, config, order));
        }
      }
      adapter.requireAllUsed();
    }
    return layers;
  }

  private static AdaptedLayer read(
      String name, LowRank factors, TransformerConfig config, HeadOrder order) throws IOException {
    Tensor magnitude = factors.magnitude();
    if (magnitude != null) {
      throw magnitude.problem("is a magnitude of DoRA, which llama.cpp's adapters do not have");
    }
    int rank = (int) factors.a().size(0);
    factors.require(factors.b().size(0), factors.a().size(1));
    int rows = Math.toIntExact(factors.b().size(0));
    Matrix second = new TensorMatrix(factors.b(), rows, rank);
    boolean together = name.endsWith("attn_qkv");
    if (together || name.endsWith("attn_q") || name.endsWith("attn_k")) {
      int heads = rows / config.headSize() / (together ? 3 : 1);
      second = new OrderedMatrix(second, order, heads, config.headSize());
    }
    float[] b = new float[Math.multiplyExact(rows, rank)];
    second.read(0, rows, b);
    return new AdaptedLayer(name, factors.a().read(), b, rank, factors.scale());
  }

  /** Names of linear layers in GGUF files by the model's own. */
  private static Map<String, String> names(ModelSpec spec, TensorNames own) {
    TensorNames gguf = spec.family().ggufNames();
    Map<String, String> names = new LinkedHashMap<>();
    for (int layer = 0; layer < spec.config().layers(); layer++) {
      for (Part part : LINEAR) {
        if (own.has(part)) {
          names.put(own.of(part, layer), gguf.of(part, layer));
        }
      }
    }
    names.put(own.of(Part.HEAD), gguf.of(Part.HEAD));
    return names;
  }
}
