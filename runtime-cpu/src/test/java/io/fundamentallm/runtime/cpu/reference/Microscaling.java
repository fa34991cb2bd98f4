package io.fundamentallm.runtime.cpu.reference;

import io.fundamentallm.runtime.cpu.reference.HuggingFaceFiles.Stored;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * gpt-oss as it is published: experts in MXFP4, all else in BF16. The layout is that of
 * convert_moe_packed_tensors in transformers' integrations/mxfp4.py: of each expert
 * [outputs][inputs / 32] blocks, in whose 16 bytes a number and the next one share a byte, lower
 * half first.
 */
final class Microscaling {
  private static final int BLOCK = 32;

  private Microscaling() {}

  static Case gptOss(String name, RandomModel model) {
    HuggingFaceModel built =
        model
            .build()
            .with("torch_dtype", "bfloat16")
            .with(
                "quantization_config",
                Map.of(
                    "quant_method",
                    "mxfp4",
                    "modules_to_not_convert",
                    List.of("model.layers.*.self_attn", "lm_head")));
    Map<String, Tensor> rounded = new LinkedHashMap<>();
    built
        .tensors()
        .forEach(
            (tensor, values) ->
                rounded.put(
                    tensor,
                    isExperts(tensor)
                        ? turned(turned(values).rounded(Precision.MXFP4))
                        : values.rounded(Precision.BF16)));
    return new Case(
        name,
        new HuggingFaceModel(built.config(), rounded),
        List.of(),
        (m, into) -> write(m, into));
  }

  private static boolean isExperts(String name) {
    return name.matches(".*experts\\.(gate_up|down)_proj");
  }

  private static void write(HuggingFaceModel model, Path directory) throws IOException {
    HuggingFaceFiles.writeConfig(model, directory);
    Map<String, Stored> stored = new LinkedHashMap<>();
    model
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (isExperts(name)) {
                blocks(name, turned(tensor), stored);
              } else {
                stored.put(name, Stored.of(tensor, Precision.BF16));
              }
            });
    HuggingFaceFiles.safetensors(directory.resolve("model.safetensors"), stored);
  }

  /** ggml's blocks, taken apart and in the other order. */
  private static void blocks(String name, Tensor tensor, Map<String, Stored> into) {
    byte[] given = Precision.MXFP4.bytes(tensor.values());
    int count = tensor.values().length / BLOCK;
    byte[] codes = new byte[16 * count];
    byte[] scales = new byte[count];
    for (int block = 0; block < count; block++) {
      scales[block] = given[17 * block];
      for (int i = 0; i < BLOCK; i++) {
        int code = given[17 * block + 1 + i % 16] >> i / 16 * 4 & 15;
        codes[16 * block + i / 2] |= (byte) (code << i % 2 * 4);
      }
    }
    int[] shape = tensor.shape();
    int across = shape[2] / BLOCK;
    into.put(name + "_blocks", new Stored("U8", new int[] {shape[0], shape[1], across, 16}, codes));
    into.put(name + "_scales", new Stored("U8", new int[] {shape[0], shape[1], across}, scales));
  }

  /** [experts][inputs][outputs] as [experts][outputs][inputs], or the other way. */
  private static Tensor turned(Tensor tensor) {
    int count = tensor.shape()[0];
    int rows = tensor.shape()[1];
    int columns = tensor.shape()[2];
    float[] turned = new float[tensor.values().length];
    for (int e = 0; e < count; e++) {
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          turned[(e * columns + c) * rows + r] = tensor.values()[(e * rows + r) * columns + c];
        }
      }
    }
    return new Tensor(new int[] {count, columns, rows}, turned);
  }
}
