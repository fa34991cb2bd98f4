package io.fundamentallm.runtime.cpu.reference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What llama.cpp's convert_hf_to_gguf.py makes of a model: its keys, its names, and the order of
 * rows that its architectures expect.
 */
final class GgufConversion {
  /** From the end of a Hugging Face name to the end of a GGUF name. */
  private static final Map<String, String> NAMES = new LinkedHashMap<>();

  static {
    NAMES.put("wte", "token_embd");
    NAMES.put("wpe", "position_embd");
    NAMES.put("ln_f", "output_norm");
    NAMES.put("ln_1", "attn_norm");
    NAMES.put("ln_2", "ffn_norm");
    NAMES.put("attn.c_attn", "attn_qkv");
    NAMES.put("attn.c_proj", "attn_output");
    NAMES.put("mlp.c_fc", "ffn_up");
    NAMES.put("mlp.c_proj", "ffn_down");
    NAMES.put("embed_in", "token_embd");
    NAMES.put("final_layer_norm", "output_norm");
    NAMES.put("embed_out", "output");
    NAMES.put("attention.query_key_value", "attn_qkv");
    NAMES.put("attention.dense", "attn_output");
    NAMES.put("mlp.dense_h_to_4h", "ffn_up");
    NAMES.put("mlp.dense_4h_to_h", "ffn_down");
    NAMES.put("embed_tokens", "token_embd");
    NAMES.put("lm_head", "output");
    NAMES.put("norm", "output_norm");
    NAMES.put("input_layernorm", "attn_norm");
    NAMES.put("post_attention_layernorm", "ffn_norm");
    NAMES.put("self_attn.q_proj", "attn_q");
    NAMES.put("self_attn.k_proj", "attn_k");
    NAMES.put("self_attn.v_proj", "attn_v");
    NAMES.put("self_attn.o_proj", "attn_output");
    NAMES.put("self_attn.q_norm", "attn_q_norm");
    NAMES.put("self_attn.k_norm", "attn_k_norm");
    NAMES.put("block_sparse_moe.gate", "ffn_gate_inp");
    NAMES.put("block_sparse_moe.experts.w1", "ffn_gate_exps");
    NAMES.put("block_sparse_moe.experts.w3", "ffn_up_exps");
    NAMES.put("block_sparse_moe.experts.w2", "ffn_down_exps");
    NAMES.put("self_attn.sinks", "attn_sinks");
    NAMES.put("mlp.router", "ffn_gate_inp");
    NAMES.put("mlp.gate", "ffn_gate_inp");
    NAMES.put("mlp.experts.gate_proj", "ffn_gate_exps");
    NAMES.put("mlp.experts.up_proj", "ffn_up_exps");
    NAMES.put("mlp.experts.down_proj", "ffn_down_exps");
    NAMES.put("mlp.shared_expert_gate", "ffn_gate_inp_shexp");
    NAMES.put("mlp.shared_expert.gate_proj", "ffn_gate_shexp");
    NAMES.put("mlp.shared_expert.up_proj", "ffn_up_shexp");
    NAMES.put("mlp.shared_expert.down_proj", "ffn_down_shexp");
    NAMES.put("self_attn.qkv_proj", "attn_qkv");
    NAMES.put("pre_feedforward_layernorm", "ffn_norm");
    NAMES.put("post_feedforward_layernorm", "post_ffw_norm");
    NAMES.put("mlp.gate_up_proj", "ffn_up");
    NAMES.put("mlp.gate_proj", "ffn_gate");
    NAMES.put("mlp.up_proj", "ffn_up");
    NAMES.put("mlp.down_proj", "ffn_down");
  }

  private final HuggingFaceModel model;
  private final String architecture;
  private final GgufFile file = new GgufFile();

  private GgufConversion(HuggingFaceModel model) {
    this.model = model;
    this.architecture = architecture(model);
  }

  /** Converts, with the matrices in this precision where its blocks fit. */
  static GgufFile convert(HuggingFaceModel model, Precision precision) {
    GgufConversion conversion = new GgufConversion(model);
    conversion.keys(precision);
    conversion.ropeFactors();
    model
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (conversion.architecture.equals("gpt-oss") && name.contains(".experts.")) {
                conversion.gptOssExperts(name, tensor);
              } else if (!name.matches(".*experts\\.[1-9]\\d*\\..*")) {
                conversion.file.tensor(
                    conversion.name(name),
                    conversion.arranged(name, tensor),
                    precision(name, tensor, precision));
              }
            });
    return conversion.file;
  }

  /** The model with the weights that such a file gives back. */
  static HuggingFaceModel rounded(HuggingFaceModel model, Precision precision) {
    Map<String, Tensor> rounded = new LinkedHashMap<>();
    model
        .tensors()
        .forEach(
            (name, tensor) ->
                rounded.put(name, tensor.rounded(precision(name, tensor, precision))));
    return new HuggingFaceModel(model.config(), rounded);
  }

  /** Vectors and learned positions stay 32-bit; rows that are no whole blocks become f16. */
  private static Precision precision(String name, Tensor tensor, Precision precision) {
    if (tensor.shape().length == 1 || name.endsWith("wpe.weight")) {
      return Precision.F32;
    }
    return tensor.columns() % precision.block() == 0 ? precision : Precision.F16;
  }

  private static String architecture(HuggingFaceModel model) {
    return switch (model.text("model_type", "none")) {
      case "gpt_neox" -> "gptneox";
      case "mistral" -> "llama";
      case "mixtral" -> "llama";
      case "qwen2_moe" -> "qwen2moe";
      case "qwen3_moe" -> "qwen3moe";
      case "gpt_oss" -> "gpt-oss";
      case "gemma3_text" -> "gemma3";
      default -> model.text("model_type", "none");
    };
  }

  private String name(String given) {
    String name = given.endsWith("sinks") ? given + ".weight" : given;
    int dot = name.lastIndexOf('.');
    String stem = name.substring(0, dot).replaceFirst("^(transformer|gpt_neox|model)\\.", "");
    String block = "";
    if (stem.matches("(h|layers)\\.\\d+\\..*")) {
      String[] parts = stem.split("\\.", 3);
      block = "blk." + parts[1] + ".";
      stem = parts[2].replaceFirst("experts\\.\\d+", "experts");
    }
    boolean after = gemma() || List.of("olmo2", "gpt-oss").contains(architecture);
    String renamed =
        after && stem.equals("post_attention_layernorm") ? "post_attention_norm" : NAMES.get(stem);
    return block + renamed + name.substring(dot);
  }

  /** Gate and linear part apart, and outputs before inputs. */
  private void gptOssExperts(String name, Tensor tensor) {
    String block = "blk." + name.split("\\.")[2] + ".ffn_";
    boolean bias = name.endsWith("_bias");
    String end = bias ? "_exps.bias" : "_exps.weight";
    if (name.contains("down_proj")) {
      file.tensor(block + "down" + end, bias ? tensor : turned(tensor, 1, 0), Precision.F32);
    } else {
      file.tensor(
          block + "gate" + end, bias ? halved(tensor, 0) : turned(tensor, 2, 0), Precision.F32);
      file.tensor(
          block + "up" + end, bias ? halved(tensor, 1) : turned(tensor, 2, 1), Precision.F32);
    }
  }

  private static Tensor halved(Tensor tensor, int first) {
    float[] half = new float[tensor.values().length / 2];
    for (int i = 0; i < half.length; i++) {
      half[i] = tensor.values()[2 * i + first];
    }
    return new Tensor(new int[] {tensor.rows(), tensor.columns() / 2}, half);
  }

  /** [experts][inputs][outputs] as [experts][every step-th output][inputs]. */
  private static Tensor turned(Tensor tensor, int step, int first) {
    int count = tensor.shape()[0];
    int inputs = tensor.shape()[1];
    int outputs = tensor.shape()[2] / step;
    float[] turned = new float[count * inputs * outputs];
    for (int e = 0; e < count; e++) {
      for (int o = 0; o < outputs; o++) {
        for (int i = 0; i < inputs; i++) {
          turned[(e * outputs + o) * inputs + i] =
              tensor.values()[(e * inputs + i) * outputs * step + o * step + first];
        }
      }
    }
    return new Tensor(new int[] {count, outputs, inputs}, turned);
  }

  /** All experts in one tensor. */
  private Tensor stacked(String name, Tensor first) {
    int count = Experts.count(model);
    float[] values = new float[count * first.values().length];
    for (int e = 0; e < count; e++) {
      Tensor expert = model.tensor(name.replace("experts.0.", "experts." + e + "."));
      System.arraycopy(
          expert.values(), 0, values, e * first.values().length, first.values().length);
    }
    return new Tensor(new int[] {count, first.rows(), first.columns()}, values);
  }

  private boolean gemma() {
    return architecture.startsWith("gemma");
  }

  private Tensor arranged(String name, Tensor tensor) {
    int heads = model.size("num_attention_heads", 1);
    if (architecture.equals("gpt2") && name.matches(".*\\.(c_attn|c_proj|c_fc)\\.weight")) {
      return tensor.transposed();
    }
    if (name.contains("experts.0.")) {
      return stacked(name, tensor);
    }
    if (name.endsWith("shared_expert_gate.weight")) {
      return new Tensor(new int[] {tensor.columns()}, tensor.values());
    }
    if (gemma() && name.endsWith("norm.weight")) {
      return tensor.plus(1);
    }
    if (name.contains(".query_key_value.")) {
      return tensor.reordered(byThirds(tensor.rows(), heads));
    }
    boolean pairs = List.of("llama", "granite", "smollm3").contains(architecture);
    if (pairs && name.contains(".q_proj.")) {
      return tensor.reordered(interleaved(tensor.rows(), heads));
    }
    if (pairs && name.contains(".k_proj.")) {
      return tensor.reordered(interleaved(tensor.rows(), model.size("num_key_value_heads", heads)));
    }
    return tensor;
  }

  /** All queries, then all keys, then all values, instead of the three of each head together. */
  private static int[] byThirds(int rows, int heads) {
    int size = rows / heads / 3;
    int[] order = new int[rows];
    int to = 0;
    for (int third = 0; third < 3; third++) {
      for (int head = 0; head < heads; head++) {
        for (int i = 0; i < size; i++) {
          order[to++] = (3 * head + third) * size + i;
        }
      }
    }
    return order;
  }

  /** Channels that turn together stand side by side, instead of half a head apart. */
  private static int[] interleaved(int rows, int heads) {
    int size = rows / heads;
    int[] order = new int[rows];
    for (int row = 0; row < rows; row++) {
      int i = row % size;
      order[row] = row - i + i % 2 * (size / 2) + i / 2;
    }
    return order;
  }

  private void keys(Precision precision) {
    String a = architecture + ".";
    file.text("general.architecture", architecture)
        .text("general.type", "model")
        .text("general.name", "Reference")
        .uint32(a + "block_count", model.size("num_hidden_layers", model.size("n_layer", 0)));
    if (architecture.equals("gpt2")) {
      int channels = model.size("n_embd");
      file.uint32(a + "context_length", model.size("n_ctx"))
          .uint32(a + "embedding_length", channels)
          .uint32(a + "feed_forward_length", 4 * channels)
          .uint32(a + "attention.head_count", model.size("n_head"))
          .float32(a + "attention.layer_norm_epsilon", model.real("layer_norm_epsilon", 1e-5));
    } else {
      int heads = model.size("num_attention_heads");
      file.uint32(a + "context_length", model.size("max_position_embeddings"))
          .uint32(a + "embedding_length", model.size("hidden_size"))
          .uint32(a + "feed_forward_length", model.size("intermediate_size"))
          .uint32(a + "attention.head_count", heads);
      if (architecture.equals("gptneox")) {
        double part = model.real("rotary_pct", 0.25);
        int headSize = model.size("hidden_size") / heads;
        file.uint32(a + "rope.dimension_count", (int) (part * headSize))
            .bool(a + "use_parallel_residual", model.flag("use_parallel_residual", true))
            .float32(a + "attention.layer_norm_epsilon", model.real("layer_norm_eps", 1e-5));
      } else {
        llamaKeys(a, heads);
      }
    }
    file.uint32("general.file_type", precision.ggufFileType)
        .uint32("general.quantization_version", 2);
  }

  private void llamaKeys(String a, int heads) {
    file.uint32(a + "attention.head_count_kv", model.size("num_key_value_heads", heads))
        .float32(a + "rope.freq_base", model.real("rope_theta", 10000));
    if (architecture.equals("starcoder2")) {
      file.float32(a + "attention.layer_norm_epsilon", model.real("norm_epsilon", 1e-5));
    } else {
      file.float32(a + "attention.layer_norm_rms_epsilon", model.real("rms_norm_eps", 1e-6));
    }
    laterKeys(a);
    if (model.has("head_dim")) {
      file.uint32(a + "attention.key_length", model.size("head_dim"))
          .uint32(a + "attention.value_length", model.size("head_dim"));
    }
    if (architecture.equals("llama")) {
      file.uint32(a + "vocab_size", model.size("vocab_size"))
          .uint32(
              a + "rope.dimension_count",
              model.size("head_dim", model.size("hidden_size") / heads));
    }
    Map<String, Object> scaling = model.map("rope_scaling");
    Object type = scaling.get("rope_type");
    if ("linear".equals(type) || "yarn".equals(type)) {
      file.text(a + "rope.scaling.type", (String) type)
          .float32(a + "rope.scaling.factor", HuggingFaceModel.real(scaling, "factor", 1));
    }
    if ("yarn".equals(type)) {
      double trained = HuggingFaceModel.real(scaling, "original_max_position_embeddings", 0);
      file.uint32(a + "rope.scaling.original_context_length", (int) trained);
    }
  }

  /** What llama.cpp's script writes for the families that came after Llama. */
  private void laterKeys(String a) {
    if (architecture.equals("gpt-oss")) {
      file.uint32(a + "expert_feed_forward_length", model.size("intermediate_size"));
    }
    if (gemma() || List.of("phi3", "gpt-oss").contains(architecture)) {
      file.uint32(a + "attention.sliding_window", model.size("sliding_window", 0));
    }
    if (Experts.has(model)) {
      file.uint32(a + "expert_count", Experts.count(model))
          .uint32(a + "expert_used_count", model.size("num_experts_per_tok"));
    }
    if (model.has("moe_intermediate_size")) {
      file.uint32(a + "expert_feed_forward_length", model.size("moe_intermediate_size"));
    }
    if (model.has("shared_expert_intermediate_size")) {
      file.uint32(
          a + "expert_shared_feed_forward_length", model.size("shared_expert_intermediate_size"));
    }
    if (architecture.equals("gemma2")) {
      file.float32(a + "attn_logit_softcapping", model.real("attn_logit_softcapping", 50))
          .float32(a + "final_logit_softcapping", model.real("final_logit_softcapping", 30));
    }
    if (architecture.equals("granite")) {
      file.float32(a + "attention.scale", model.real("attention_multiplier", 1))
          .float32(a + "embedding_scale", model.real("embedding_multiplier", 1))
          .float32(a + "residual_scale", model.real("residual_multiplier", 1))
          .float32(a + "logit_scale", model.real("logits_scaling", 1));
    }
    if (architecture.equals("phi3")) {
      double context = model.size("max_position_embeddings");
      int original = model.size("original_max_position_embeddings");
      int size = model.size("head_dim", model.size("hidden_size"));
      double part = model.real("partial_rotary_factor", 1);
      double scale = context / original;
      file.uint32(a + "rope.dimension_count", (int) (part * size))
          .uint32(a + "rope.scaling.original_context_length", original);
      if (!model.map("rope_scaling").isEmpty()) {
        double factor = scale > 1 ? Math.sqrt(1 + Math.log(scale) / Math.log(original)) : 1;
        file.float32(a + "rope.scaling.attn_factor", factor);
      }
    }
  }

  private void longFactors(Map<String, Object> scaling, String which) {
    List<?> factors = (List<?>) scaling.get(which + "_factor");
    float[] values = new float[factors.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((Number) factors.get(i)).floatValue();
    }
    Tensor tensor = new Tensor(new int[] {values.length}, values);
    file.tensor("rope_factors_" + which + ".weight", tensor, Precision.F32);
  }

  /** Llama 3's scaling comes as a divisor of each frequency, and so does LongRoPE. */
  private void ropeFactors() {
    Map<String, Object> scaling = model.map("rope_scaling");
    if ("longrope".equals(scaling.get("rope_type"))) {
      longFactors(scaling, "long");
      longFactors(scaling, "short");
    }
    if (!"llama3".equals(scaling.get("rope_type"))) {
      return;
    }
    int size = model.size("head_dim");
    double factor = HuggingFaceModel.real(scaling, "factor", 8);
    double low = HuggingFaceModel.real(scaling, "low_freq_factor", 1);
    double high = HuggingFaceModel.real(scaling, "high_freq_factor", 4);
    double trained = HuggingFaceModel.real(scaling, "original_max_position_embeddings", 8192);
    List<Float> factors = new ArrayList<>();
    for (int i = 0; i < size; i += 2) {
      double wavelength =
          2 * Math.PI * Math.pow(model.real("rope_theta", 10000), (double) i / size);
      double smooth = (trained / wavelength - low) / (high - low);
      if (wavelength < trained / high) {
        factors.add(1f);
      } else if (wavelength > trained / low) {
        factors.add((float) factor);
      } else {
        factors.add((float) (1 / ((1 - smooth) / factor + smooth)));
      }
    }
    float[] values = new float[factors.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = factors.get(i);
    }
    file.tensor("rope_freqs.weight", new Tensor(new int[] {values.length}, values), Precision.F32);
  }

  /**
   * A tokenizer's section, as in every file that the converter writes.
   *
   * @param kind {@code llama} for SentencePiece, {@code gpt2} for byte-level BPE
   * @param types of the tokens: 1 normal, 2 unknown, 3 control, 6 byte
   */
  static void tokenizer(
      GgufFile file, String kind, List<String> tokens, float[] scores, int[] types) {
    file.text("tokenizer.ggml.model", kind)
        .texts("tokenizer.ggml.tokens", tokens)
        .float32s("tokenizer.ggml.scores", scores)
        .int32s("tokenizer.ggml.token_type", types)
        .uint32("tokenizer.ggml.bos_token_id", 1)
        .uint32("tokenizer.ggml.eos_token_id", 2)
        .uint32("tokenizer.ggml.unknown_token_id", 0)
        .bool("tokenizer.ggml.add_bos_token", true)
        .bool("tokenizer.ggml.add_eos_token", false);
  }
}
