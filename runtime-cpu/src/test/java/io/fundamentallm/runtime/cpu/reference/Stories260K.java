package io.fundamentallm.runtime.cpu.reference;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A small trained model, Andrej Karpathy's stories260K in llama2.c's format, and the texts that
 * llama2.c generated with it. Its files are no part of this project.
 */
final class Stories260K {

  /**
   * What llama2.c wrote, always taking the likeliest token.
   *
   * @param tokens after the begin token, the prompt's among them
   */
  record Expected(String prompt, List<Integer> tokens, String text) {}

  static final int BEGIN = 1;

  private Stories260K() {}

  private static Path file(String name) {
    String shared = System.getProperty("fundamentallm.shared");
    assumeTrue(
        shared != null,
        "the trained model is not at hand: set -Dfundamentallm.shared to the folder with models/");
    Path file = Path.of(shared, "models", "stories260K", name);
    assumeTrue(Files.exists(file), "there is no " + file);
    return file;
  }

  static Stories260KTokenizer tokenizer() throws IOException {
    return Stories260KTokenizer.read(file("tok512.bin"));
  }

  /** As Hugging Face would store it: the halves of a head turn together, not neighbours. */
  static HuggingFaceModel model() throws IOException {
    ByteBuffer in =
        ByteBuffer.wrap(Files.readAllBytes(file("stories260K.bin"))).order(ByteOrder.LITTLE_ENDIAN);
    int channels = in.getInt();
    int inner = in.getInt();
    int layers = in.getInt();
    int heads = in.getInt();
    int keyValueHeads = in.getInt();
    int vocabulary = in.getInt();
    int context = in.getInt();
    int keyValueChannels = channels / heads * keyValueHeads;

    Map<String, Tensor> read = new LinkedHashMap<>();
    read.put("model.embed_tokens.weight", next(in, vocabulary, channels));
    all(in, read, layers, "input_layernorm", channels);
    all(in, read, layers, "self_attn.q_proj", channels, channels);
    all(in, read, layers, "self_attn.k_proj", keyValueChannels, channels);
    all(in, read, layers, "self_attn.v_proj", keyValueChannels, channels);
    all(in, read, layers, "self_attn.o_proj", channels, channels);
    all(in, read, layers, "post_attention_layernorm", channels);
    all(in, read, layers, "mlp.gate_proj", inner, channels);
    all(in, read, layers, "mlp.down_proj", channels, inner);
    all(in, read, layers, "mlp.up_proj", inner, channels);
    read.put("model.norm.weight", next(in, channels));
    for (int layer = 0; layer < layers; layer++) {
      String h = "model.layers." + layer + ".self_attn.";
      read.computeIfPresent(h + "q_proj.weight", (name, q) -> halves(q, heads));
      read.computeIfPresent(h + "k_proj.weight", (name, k) -> halves(k, keyValueHeads));
    }

    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architectures", List.of("LlamaForCausalLM"));
    config.put("model_type", "llama");
    config.put("vocab_size", vocabulary);
    config.put("hidden_size", channels);
    config.put("intermediate_size", inner);
    config.put("num_hidden_layers", layers);
    config.put("num_attention_heads", heads);
    config.put("num_key_value_heads", keyValueHeads);
    config.put("max_position_embeddings", context);
    config.put("hidden_act", "silu");
    config.put("rms_norm_eps", 1e-5);
    config.put("rope_theta", 10000.0);
    config.put("rope_scaling", null);
    config.put("attention_bias", false);
    config.put("tie_word_embeddings", true);
    config.put("torch_dtype", "float32");
    config.put("bos_token_id", BEGIN);
    config.put("eos_token_id", 2);
    return new HuggingFaceModel(config, read);
  }

  private static void all(
      ByteBuffer in, Map<String, Tensor> into, int layers, String name, int... shape) {
    for (int layer = 0; layer < layers; layer++) {
      into.put("model.layers." + layer + "." + name + ".weight", next(in, shape));
    }
  }

  private static Tensor next(ByteBuffer in, int... shape) {
    float[] values = new float[shape.length == 1 ? shape[0] : shape[0] * shape[1]];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.getFloat();
    }
    return new Tensor(shape, values);
  }

  private static Tensor halves(Tensor neighbours, int heads) {
    int size = neighbours.rows() / heads;
    int[] order = new int[neighbours.rows()];
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < size / 2; i++) {
        order[head * size + i] = head * size + 2 * i;
        order[head * size + size / 2 + i] = head * size + 2 * i + 1;
      }
    }
    return neighbours.reordered(order);
  }

  static List<Expected> expected() throws IOException {
    List<Expected> cases = new ArrayList<>();
    try (JsonParser json = new JsonFactory().createParser(file("expected.json").toFile())) {
      String prompt = "";
      List<Integer> tokens = List.of();
      while (json.nextToken() != null) {
        if (json.currentToken() != JsonToken.FIELD_NAME) {
          continue;
        }
        String key = json.currentName();
        json.nextToken();
        switch (key) {
          case "prompt" -> prompt = json.getText();
          case "greedy_token_ids_after_bos" -> {
            tokens = new ArrayList<>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
              tokens.add(json.getIntValue());
            }
          }
          case "text" -> cases.add(new Expected(prompt, tokens, json.getText()));
          default -> {}
        }
      }
    }
    return cases;
  }

  /** The begin token and what follows it. */
  static int[] afterBegin(List<Integer> tokens) {
    int[] all = new int[tokens.size() + 1];
    all[0] = BEGIN;
    for (int i = 0; i < tokens.size(); i++) {
      all[i + 1] = tokens.get(i);
    }
    return all;
  }
}
