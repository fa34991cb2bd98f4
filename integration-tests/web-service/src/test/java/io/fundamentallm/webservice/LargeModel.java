package io.fundamentallm.webservice;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.fixtures.TinyChat;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.StringJoiner;

/** A model of zeros in a sparse file, which takes no room on the disk, and much of it in memory. */
final class LargeModel {
  private static final int VOCABULARY = 320;
  private static final int HIDDEN = 1024;
  private static final int INNER = 4096;

  private final StringJoiner tensors = new StringJoiner(",", "{", "}");
  private long size;

  private LargeModel() {}

  /** With 64 MiB in each layer, as 32-bit floats. */
  static Path write(Path directory, int layers) throws IOException {
    LargeModel model = new LargeModel();
    model.add("model.embed_tokens.weight", VOCABULARY, HIDDEN);
    for (int i = 0; i < layers; i++) {
      String layer = "model.layers." + i + ".";
      model.add(layer + "input_layernorm.weight", HIDDEN);
      for (String projection : new String[] {"q", "k", "v", "o"}) {
        model.add(layer + "self_attn." + projection + "_proj.weight", HIDDEN, HIDDEN);
      }
      model.add(layer + "post_attention_layernorm.weight", HIDDEN);
      model.add(layer + "mlp.gate_proj.weight", INNER, HIDDEN);
      model.add(layer + "mlp.up_proj.weight", INNER, HIDDEN);
      model.add(layer + "mlp.down_proj.weight", HIDDEN, INNER);
    }
    model.add("model.norm.weight", HIDDEN);
    byte[] header = model.tensors.toString().getBytes(UTF_8);
    try (RandomAccessFile file =
        new RandomAccessFile(directory.resolve("model.safetensors").toFile(), "rw")) {
      file.write(
          ByteBuffer.allocate(Long.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(header.length)
              .array());
      file.write(header);
      file.setLength(Long.BYTES + header.length + model.size);
    }
    Files.writeString(
        directory.resolve("config.json"),
        """
        {"model_type": "llama", "vocab_size": %d, "hidden_size": %d, "intermediate_size": %d,
         "num_hidden_layers": %d, "num_attention_heads": 16, "num_key_value_heads": 16,
         "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "hidden_act": "silu",
         "tie_word_embeddings": true}
        """
            .formatted(VOCABULARY, HIDDEN, INNER, layers));
    Files.copy(
        TinyChat.longContext().resolve("tokenizer.json"), directory.resolve("tokenizer.json"));
    return directory;
  }

  private void add(String name, long... shape) {
    long bytes = Arrays.stream(shape).reduce(2, (a, b) -> a * b);
    tensors.add(
        "\"%s\":{\"dtype\":\"BF16\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
            .formatted(name, Arrays.toString(shape), size, size + bytes));
    size += bytes;
  }
}
