package io.fundamentallm.benchmarks.models;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Writes GGUF, version 3 (ggml's docs/gguf.md), for llama.cpp.
 *
 * <p>Stored as llama.cpp's own quantiser would: vectors and the table of positions in f32, matrices
 * in Q8_0 or Q4_0; beside Q4_0 the embedding, which is the output as well, in Q6_K, or in Q8_0
 * where the width is no multiple of 256.
 *
 * <p>The vocabulary is one code point for each token, see {@link TokenText}, so that a text has as
 * many tokens as it has code points.
 */
final class Gguf {
  private static final int ALIGNMENT = 32;

  /** How elements are stored, by ggml's number of the type. */
  private enum Type {
    F32(0, 1, 4),
    Q4_0(2, Blocks.SIZE, 18),
    Q8_0(8, Blocks.SIZE, 34),
    Q6_K(14, Blocks.SUPER, 210);

    final int id;
    private final int block;
    private final int bytes;

    Type(int id, int block, int bytes) {
      this.id = id;
      this.block = block;
      this.bytes = bytes;
    }

    byte[] encode(float[] values) {
      return switch (this) {
        case F32 -> LittleEndian.bytes(values);
        case Q4_0 -> Blocks.q40(values);
        case Q8_0 -> Blocks.q80(values);
        case Q6_K -> Blocks.q6k(values);
      };
    }

    long size(long elements) {
      return elements / block * bytes;
    }
  }

  /** Shapes are written innermost first. */
  private record Entry(String name, Type type, int[] shape, Supplier<float[]> values) {
    long size() {
      long elements = 1;
      for (int size : shape) {
        elements *= size;
      }
      return type.size(elements);
    }
  }

  private final Shape shape;
  private final Weights weights;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final List<Entry> entries = new ArrayList<>();
  private final LittleEndian metadata = new LittleEndian();
  private int keys;

  private Gguf(Shape shape, Weights weights) {
    this.shape = shape;
    this.weights = weights;
    shape.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
  }

  static void write(Shape shape, Weights weights, Path file) throws IOException {
    Gguf gguf = new Gguf(shape, weights);
    gguf.describe();
    if (shape.llama) {
      gguf.llama();
    } else {
      gguf.gpt2();
    }
    gguf.write(file);
  }

  private void describe() {
    String name = shape.llama ? "llama" : "gpt2";
    text("general.architecture", name);
    text("general.name", "random " + shape);
    number("general.quantization_version", 2);
    number("general.alignment", ALIGNMENT);
    number(name + ".vocab_size", shape.vocabulary);
    number(name + ".context_length", shape.positions);
    number(name + ".embedding_length", shape.width);
    number(name + ".block_count", shape.layers);
    number(name + ".feed_forward_length", shape.inner);
    number(name + ".attention.head_count", shape.heads);
    number(name + ".attention.head_count_kv", shape.heads);
    if (shape.llama) {
      number(name + ".rope.dimension_count", shape.headWidth());
      real(name + ".rope.freq_base", 10_000);
      real(name + ".attention.layer_norm_rms_epsilon", 1e-5f);
    } else {
      real(name + ".attention.layer_norm_epsilon", 1e-5f);
    }
    text("tokenizer.ggml.model", "llama");
    number("tokenizer.ggml.unknown_token_id", 0);
    number("tokenizer.ggml.bos_token_id", 1);
    number("tokenizer.ggml.eos_token_id", 2);
    flag("tokenizer.ggml.add_bos_token", false);
    flag("tokenizer.ggml.add_eos_token", false);
    flag("tokenizer.ggml.add_space_prefix", false);
    array("tokenizer.ggml.tokens", 8, token -> metadata.text(TokenText.of(token)));
    array("tokenizer.ggml.scores", 6, token -> metadata.f32(-token));
    // All of them "normal".
    array("tokenizer.ggml.token_type", 5, token -> metadata.u32(1));
  }

  private void llama() {
    matrix("token_embd", "model.embed_tokens");
    for (int layer = 0; layer < shape.layers; layer++) {
      String to = "blk." + layer + ".";
      String from = "model.layers." + layer + ".";
      vector(to + "attn_norm.weight", from + "input_layernorm.weight");
      rotated(to + "attn_q", from + "self_attn.q_proj");
      rotated(to + "attn_k", from + "self_attn.k_proj");
      matrix(to + "attn_v", from + "self_attn.v_proj");
      matrix(to + "attn_output", from + "self_attn.o_proj");
      vector(to + "ffn_norm.weight", from + "post_attention_layernorm.weight");
      matrix(to + "ffn_gate", from + "mlp.gate_proj");
      matrix(to + "ffn_up", from + "mlp.up_proj");
      matrix(to + "ffn_down", from + "mlp.down_proj");
    }
    vector("output_norm.weight", "model.norm.weight");
  }

  private void gpt2() {
    matrix("token_embd", "transformer.wte");
    // Tied, but llama.cpp wants it twice.
    matrix("output", "transformer.wte");
    Tensor positions = tensor("transformer.wpe.weight");
    add("position_embd.weight", Type.F32, positions::values, shape.width, shape.positions);
    for (int layer = 0; layer < shape.layers; layer++) {
      String to = "blk." + layer + ".";
      String from = "transformer.h." + layer + ".";
      normAndBias(to + "attn_norm", from + "ln_1");
      linear(to + "attn_qkv", from + "attn.c_attn");
      linear(to + "attn_output", from + "attn.c_proj");
      normAndBias(to + "ffn_norm", from + "ln_2");
      linear(to + "ffn_up", from + "mlp.c_fc");
      linear(to + "ffn_down", from + "mlp.c_proj");
    }
    normAndBias("output_norm", "transformer.ln_f");
  }

  private void vector(String to, String from) {
    Tensor tensor = tensor(from);
    add(to, Type.F32, tensor::values, tensor.shape()[0]);
  }

  private void normAndBias(String to, String from) {
    vector(to + ".weight", from + ".weight");
    vector(to + ".bias", from + ".bias");
  }

  /** A matrix that is stored [out][in] on both sides. */
  private void matrix(String to, String from) {
    Tensor tensor = tensor(from + ".weight");
    add(to + ".weight", type(to), tensor::values, tensor.shape()[1], tensor.shape()[0]);
  }

  private void rotated(String to, String from) {
    Tensor tensor = tensor(from + ".weight");
    add(
        to + ".weight",
        type(to),
        () -> Matrix.neighbours(tensor.values(), shape.heads, shape.width),
        tensor.shape()[1],
        tensor.shape()[0]);
  }

  /** A matrix that GPT-2 stores [in][out], and its bias. */
  private void linear(String to, String from) {
    Tensor tensor = tensor(from + ".weight");
    int in = tensor.shape()[0];
    int out = tensor.shape()[1];
    add(to + ".weight", type(to), () -> Matrix.transposed(tensor.values(), in, out), in, out);
    vector(to + ".bias", from + ".bias");
  }

  private Type type(String name) {
    return switch (weights) {
      case F32 -> Type.F32;
      case INT8 -> Type.Q8_0;
      case INT4 -> {
        Type embedding = shape.width % Blocks.SUPER == 0 ? Type.Q6_K : Type.Q8_0;
        yield name.startsWith("blk.") ? Type.Q4_0 : embedding;
      }
    };
  }

  private Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(name + " is none of " + tensors.keySet());
    }
    return tensor;
  }

  private void add(String name, Type type, Supplier<float[]> values, int... innermostFirst) {
    entries.add(new Entry(name, type, innermostFirst, values));
  }

  private void write(Path file) throws IOException {
    LittleEndian header = new LittleEndian().u8('G').u8('G').u8('U').u8('F').u32(3);
    header.u64(entries.size()).u64(keys);
    for (byte b : metadata.toByteArray()) {
      header.u8(b);
    }
    long at = 0;
    for (Entry entry : entries) {
      header.text(entry.name).u32(entry.shape.length);
      for (int size : entry.shape) {
        header.u64(size);
      }
      header.u32(entry.type.id).u64(at);
      at += aligned(entry.size());
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      out.write(header.align(ALIGNMENT).toByteArray());
      for (Entry entry : entries) {
        out.write(entry.type.encode(entry.values.get()));
        out.write(new byte[(int) (aligned(entry.size()) - entry.size())]);
      }
    }
  }

  private static long aligned(long size) {
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private void text(String key, String value) {
    key(key, 8).text(value);
  }

  private void number(String key, int value) {
    key(key, 4).u32(value);
  }

  private void real(String key, float value) {
    key(key, 6).f32(value);
  }

  private void flag(String key, boolean value) {
    key(key, 7).u8(value ? 1 : 0);
  }

  /** One element for each token. */
  private void array(String key, int type, IntConsumer element) {
    key(key, 9).u32(type).u64(shape.vocabulary);
    for (int token = 0; token < shape.vocabulary; token++) {
      element.accept(token);
    }
  }

  private LittleEndian key(String key, int type) {
    keys++;
    return metadata.text(key).u32(type);
  }
}
