package io.fundamentallm.runtime.cpu.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A sound model, of which one file is going to be changed.
 *
 * @param model its directory or file
 * @param adapter the directory of a LoRA adapter for it; null for none
 * @param file the one to change
 */
record FuzzedFile(Path model, @Nullable Path adapter, Path file) {
  static final List<String> KINDS =
      List.of(
          "config",
          "safetensors",
          "index",
          "adapter config",
          "adapter",
          "gguf",
          "halves",
          "mxfp4",
          "mxfp4 config",
          "experts",
          "experts config",
          "gguf experts",
          "gguf blocks",
          "first part",
          "second part");

  /** Writes a model into an empty folder. */
  static FuzzedFile write(String kind, Path folder) throws IOException {
    Path base = Files.createDirectory(folder.resolve("model"));
    Path config = base.resolve("config.json");
    Path weights = base.resolve("model.safetensors");
    Path adapter = folder.resolve("adapter");
    return switch (kind) {
      case "config" -> new FuzzedFile(llama().write(base), null, config);
      case "safetensors" -> new FuzzedFile(llama().write(base), null, weights);
      case "halves" -> new FuzzedFile(llama().write(base, "F16"), null, weights);
      case "index" -> {
        TinyModel model = llama().writeConfig(base);
        SafeTensorsBytes.writeShards(base, model.tensors, "BF16", 7);
        yield new FuzzedFile(base, null, base.resolve("model.safetensors.index.json"));
      }
      case "adapter config", "adapter" -> {
        String name = kind.equals("adapter") ? "model.safetensors" : "config.json";
        lora().write(adapter);
        yield new FuzzedFile(llama().write(base), adapter, adapter.resolve("adapter_" + name));
      }
      case "mxfp4", "mxfp4 config" -> {
        Path model = TinyModel.experts("gpt_oss").write(base, "BF16");
        yield new FuzzedFile(model, null, kind.equals("mxfp4") ? weights : config);
      }
      case "experts", "experts config" -> {
        Path model = TinyModel.experts("mixtral").write(base);
        yield new FuzzedFile(model, null, kind.equals("experts") ? weights : config);
      }
      case "first part", "second part" -> {
        GgufBytes[] parts = GgufModels.parts(FuzzedFile::gguf, 2);
        for (int i = 1; i <= 2; i++) {
          Files.write(part(base, i), parts[i - 1].bytes());
        }
        yield new FuzzedFile(part(base, 1), null, part(base, kind.equals("first part") ? 1 : 2));
      }
      default -> {
        GgufBytes gguf =
            switch (kind) {
              case "gguf experts" -> experts();
              case "gguf blocks" -> blocks();
              default -> gguf();
            };
        Path file = Files.write(folder.resolve("model.gguf"), gguf.bytes());
        yield new FuzzedFile(file, null, file);
      }
    };
  }

  private static Path part(Path folder, int number) {
    return folder.resolve("model-0000" + number + "-of-00002.gguf");
  }

  private static TinyModel llama() {
    return TinyModel.llama("llama", 32, 4, 2, 8, 32)
        .set("rope_theta", 500)
        .set("sliding_window", null)
        .set("layer_types", List.of("full_attention", "full_attention"))
        .set(
            "rope_scaling",
            Map.of("rope_type", "yarn", "factor", 4, "original_max_position_embeddings", 8));
  }

  private static TinyAdapter lora() {
    return new TinyAdapter()
        .set("rank_pattern", Map.of("q_proj", 3))
        .add("model.layers.0.self_attn.q_proj", 3, 32, 32)
        .add("lm_head", 2, 11, 32);
  }

  private static GgufBytes gguf() {
    GgufBytes gguf =
        GgufModels.llama(llama())
            .set("llama.rope.scaling.type", "yarn")
            .set("llama.rope.scaling.factor", 2f)
            .set("tokenizer.ggml.tokens", Collections.nCopies(11, "token"));
    for (String type : List.of("Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1")) {
      byte[] data = GgufBytes.randomBlocks(type, 32 * 32, new Random(1));
      String name = type.startsWith("Q5") ? "blk.1.ffn_" : "blk.0.ffn_";
      String part = type.endsWith("1") ? "gate" : type.equals("Q8_0") ? "down" : "up";
      gguf.add(name + part + ".weight", type, new int[] {32, 32}, data);
    }
    return gguf;
  }

  /** A mixture, each of whose three kinds of expert tensors has another type. */
  private static GgufBytes experts() {
    GgufBytes gguf =
        GgufModels.llama(TinyModel.llama("llama", 32, 4, 2, 8, 64))
            .set("llama.expert_count", 3)
            .set("llama.expert_used_count", 2);
    Random random = new Random(2);
    for (int layer = 0; layer < 2; layer++) {
      String block = "blk." + layer + ".ffn_";
      gguf.remove(block + "gate.weight").remove(block + "up.weight").remove(block + "down.weight");
      gguf.add(block + "gate_inp.weight", Weights.random(random, 3, 32));
      add(gguf, block + "gate_exps.weight", "MXFP4", 3, 64, 32);
      add(gguf, block + "up_exps.weight", "IQ4_NL", 3, 64, 32);
      gguf.add(block + "down_exps.weight", "F16", Weights.random(random, 3, 32, 64));
    }
    return gguf;
  }

  /** Blocks of 256, and floats of 16 bits. */
  private static GgufBytes blocks() {
    TinyModel model = TinyModel.llama("llama", 256, 4, 2, 64, 256);
    GgufBytes gguf = GgufModels.llama(model).set("llama.block_count", 1);
    for (String name : gguf.tensors()) {
      if (name.startsWith("blk.1.")) {
        gguf.remove(name);
      }
    }
    add(gguf, "token_embd.weight", "Q6_K", 11, 256);
    add(gguf, "output.weight", "IQ4_XS", 11, 256);
    add(gguf, "blk.0.attn_q.weight", "Q2_K", 256, 256);
    add(gguf, "blk.0.attn_k.weight", "Q3_K", 128, 256);
    add(gguf, "blk.0.attn_v.weight", "BF16", 128, 256);
    add(gguf, "blk.0.attn_output.weight", "F16", 256, 256);
    add(gguf, "blk.0.ffn_gate.weight", "Q4_K", 256, 256);
    add(gguf, "blk.0.ffn_up.weight", "Q5_K", 256, 256);
    add(gguf, "blk.0.ffn_down.weight", "MXFP4", 256, 256);
    return gguf;
  }

  private static void add(GgufBytes gguf, String name, String type, int... shape) {
    int columns = shape[shape.length - 1];
    int rows = shape.length == 3 ? shape[0] * shape[1] : shape[0];
    byte[] data = BlockRows.random(type, rows, columns, new Random(name.hashCode())).bytes();
    gguf.add(name, type, shape, data);
  }
}
