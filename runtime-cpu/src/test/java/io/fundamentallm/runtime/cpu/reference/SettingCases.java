package io.fundamentallm.runtime.cpu.reference;

import static io.fundamentallm.runtime.cpu.reference.RandomModel.gpt2;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.gptNeox;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.llama;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.mistral;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.qwen2;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.qwen3;
import static io.fundamentallm.runtime.cpu.reference.Scalings.changed;
import static io.fundamentallm.runtime.cpu.reference.Scalings.map;
import static io.fundamentallm.runtime.cpu.reference.Scalings.scaling;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A model for every setting of every architecture, and for every value that matters. */
final class SettingCases {
  private SettingCases() {}

  static Stream<Case> all() {
    return Stream.of(gpt2Cases(), gptNeoxCases(), llamaCases(), scaledCases(), windowCases())
        .flatMap(cases -> cases);
  }

  private static Stream<Case> gpt2Cases() {
    return Stream.of(
        Case.huggingFace("gpt2 with tied embeddings and gelu_new", gpt2().cold())
            .unlike("activation_function", "gelu")
            .unlike("layer_norm_epsilon", 1e-2),
        Case.huggingFace(
                "gpt2 with the exact gelu", gpt2().cold().set("activation_function", "gelu"))
            .unlike("activation_function", "gelu_new"),
        Case.huggingFace(
                "gpt2 with gelu_pytorch_tanh",
                gpt2().cold().set("activation_function", "gelu_pytorch_tanh"))
            .unlike("activation_function", "gelu"),
        Case.huggingFace("gpt2 with relu", gpt2().set("activation_function", "relu"))
            .unlike("activation_function", "gelu_new"),
        Case.huggingFace(
            "gpt2 with an inner size that is not four times its channels",
            gpt2().set("n_inner", 40)),
        Case.huggingFace("gpt2 with a head of its own", gpt2().set("tie_word_embeddings", false))
            .unlike("tie_word_embeddings", true),
        Case.huggingFace(
                "gpt2 with another epsilon and odd sizes",
                gpt2().set("layer_norm_epsilon", 1e-2).set("n_embd", 39).set("n_head", 3))
            .unlike("layer_norm_epsilon", 1e-5),
        Case.huggingFace(
            "gpt2 with the keys left out that have defaults",
            gpt2()
                .without(
                    "n_inner",
                    "activation_function",
                    "layer_norm_epsilon",
                    "tie_word_embeddings",
                    "scale_attn_weights",
                    "scale_attn_by_inverse_layer_idx",
                    "reorder_and_upcast_attn",
                    "n_ctx")));
  }

  private static Stream<Case> gptNeoxCases() {
    return Stream.of(
        Case.huggingFace("gpt_neox with parallel residuals and a quarter turning", gptNeox().cold())
            .unlike("use_parallel_residual", false)
            .unlike("rotary_pct", 1.0)
            .unlike("hidden_act", "gelu_new")
            .unlike("layer_norm_eps", 1e-2)
            .unlike("rotary_emb_base", 1000),
        Case.huggingFace(
                "gpt_neox with one residual after the other",
                gptNeox().set("use_parallel_residual", false))
            .unlike("use_parallel_residual", true),
        Case.huggingFace("gpt_neox turning whole heads", gptNeox().set("rotary_pct", 1.0))
            .unlike("rotary_pct", 0.25),
        Case.huggingFace(
                "gpt_neox with odd sizes, another base and three tenths turning",
                gptNeox()
                    .set("hidden_size", 60)
                    .set("num_attention_heads", 3)
                    .set("intermediate_size", 43)
                    .set("rotary_pct", 0.3)
                    .set("rotary_emb_base", 500)
                    .set("layer_norm_eps", 1e-3))
            .unlike("rotary_emb_base", 10000)
            .unlike("rotary_pct", 0.4),
        Case.huggingFace(
                "gpt_neox with the tanh gelu", gptNeox().cold().set("hidden_act", "gelu_new"))
            .unlike("hidden_act", "gelu"),
        Case.huggingFace(
            "gpt_neox without biases in attention", gptNeox().set("attention_bias", false)),
        Case.huggingFace(
            "gpt_neox with tied embeddings", gptNeox().set("tie_word_embeddings", true)),
        Case.huggingFace(
                "gpt_neox with linear scaling",
                gptNeox().set("rope_scaling", scaling("linear", "factor", 4.0)))
            .unlike("rope_scaling", null),
        Case.huggingFace(
                "gpt_neox as transformers 5 writes it",
                gptNeox()
                    .without("rotary_pct", "rotary_emb_base", "rope_scaling")
                    .set(
                        "rope_parameters",
                        scaling("default", "rope_theta", 700.0, "partial_rotary_factor", 0.5)))
            .unlike(
                "rope_parameters",
                scaling("default", "rope_theta", 10000.0, "partial_rotary_factor", 0.5))
            .unlike(
                "rope_parameters",
                scaling("default", "rope_theta", 700.0, "partial_rotary_factor", 0.25)));
  }

  private static Stream<Case> llamaCases() {
    return Stream.of(
        Case.huggingFace("llama with two queries to a key", llama())
            .unlike("rope_theta", 1000.0)
            .unlike("rms_norm_eps", 1e-2),
        Case.huggingFace(
            "llama with as many keys as queries", llama().set("num_key_value_heads", 4)),
        Case.huggingFace(
            "llama with one key for all queries", llama().set("num_key_value_heads", 1)),
        Case.huggingFace(
            "llama with three queries to a key",
            llama().set("num_attention_heads", 6).set("head_dim", 8)),
        Case.huggingFace("llama with biases in attention", llama().set("attention_bias", true)),
        Case.huggingFace(
            "llama with biases in the feed-forward layer", llama().set("mlp_bias", true)),
        Case.huggingFace("llama with tied embeddings", llama().set("tie_word_embeddings", true)),
        Case.huggingFace(
            "llama with heads wider than its channels ask for", llama().set("head_dim", 20)),
        Case.huggingFace(
            "llama with heads narrower than its channels ask for", llama().set("head_dim", 6)),
        Case.huggingFace(
            "llama with odd sizes",
            llama()
                .set("hidden_size", 42)
                .set("head_dim", 14)
                .set("num_attention_heads", 3)
                .set("num_key_value_heads", 1)
                .set("intermediate_size", 37)),
        Case.huggingFace("llama with another base", llama().set("rope_theta", 500000.0))
            .unlike("rope_theta", 10000.0),
        Case.huggingFace(
            "llama with the keys left out that have defaults",
            llama()
                .without(
                    "num_key_value_heads",
                    "head_dim",
                    "rms_norm_eps",
                    "rope_theta",
                    "rope_scaling",
                    "hidden_act",
                    "attention_bias",
                    "mlp_bias",
                    "tie_word_embeddings",
                    "pretraining_tp")),
        Case.huggingFace(
                "llama as transformers 5 writes it",
                llama()
                    .without("rope_theta", "rope_scaling", "torch_dtype")
                    .set("dtype", "float32")
                    .set("rope_parameters", scaling("default", "rope_theta", 500.0)))
            .unlike("rope_parameters", scaling("default", "rope_theta", 10000.0)),
        Case.huggingFace("mistral without a window", mistral()).unlike("sliding_window", 90),
        Case.huggingFace("qwen2 with biases on queries, keys and values", qwen2()),
        Case.huggingFace(
                "qwen2 with a window that is not used", qwen2().set("max_window_layers", 1))
            .unlike("use_sliding_window", true),
        Case.huggingFace("qwen2 with tied embeddings", qwen2().set("tie_word_embeddings", true)),
        Case.huggingFace("qwen3 with norms on queries and keys", qwen3())
            .unlike("rms_norm_eps", 1e-2),
        Case.huggingFace("qwen3 with biases in attention", qwen3().set("attention_bias", true)));
  }

  private static Stream<Case> scaledCases() {
    Map<String, Object> llama3 = Scalings.llama3();
    Map<String, Object> yarn =
        scaling("yarn", "factor", 4.0, "original_max_position_embeddings", 40);
    return Stream.of(
        scaled("llama with linear scaling", scaling("linear", "factor", 2.5)),
        Case.huggingFace(
                "llama with linear scaling under the key's old name",
                llama().set("rope_scaling", map("type", "linear", "factor", 4.0)))
            .unlike("rope_scaling", null),
        Case.huggingFace(
                "llama with dynamic scaling, beyond the context it was trained on",
                llama()
                    .set("max_position_embeddings", 40)
                    .set("rope_scaling", scaling("dynamic", "factor", 4.0)))
            .unlike("rope_scaling", null)
            .unlike("rope_scaling", scaling("linear", "factor", 4.0)),
        scaled("llama with llama3 scaling", llama3)
            .unlike("rope_scaling", changed(llama3, "factor", 4.0))
            .unlike("rope_scaling", changed(llama3, "high_freq_factor", 3.0))
            .unlike("rope_scaling", changed(llama3, "original_max_position_embeddings", 160)),
        scaled("llama with yarn scaling", yarn)
            .unlike("rope_scaling", changed(yarn, "attention_factor", 1.0))
            .unlike("rope_scaling", changed(yarn, "original_max_position_embeddings", 160))
            .unlike("rope_scaling", changed(yarn, "truncate", false)),
        scaled(
                "llama with yarn scaling and an attention factor",
                changed(yarn, "attention_factor", 0.8))
            .unlike("rope_scaling", yarn),
        scaled(
                "llama with yarn scaling between other rotations",
                changed(changed(yarn, "beta_fast", 1.0), "beta_slow", 0.2))
            .unlike("rope_scaling", changed(yarn, "beta_fast", 1.0))
            .unlike("rope_scaling", changed(yarn, "beta_slow", 0.2)),
        scaled(
                "llama with yarn scaling between fractions of channels",
                changed(yarn, "truncate", false))
            .unlike("rope_scaling", yarn),
        scaled(
                "llama with yarn scaling and mscale",
                changed(changed(yarn, "mscale", 2.0), "mscale_all_dim", 0.5))
            .unlike("rope_scaling", yarn),
        Case.huggingFace(
                "qwen2 with yarn scaling whose factor is not the ratio of the contexts",
                qwen2()
                    .set("rope_theta", 10000.0)
                    .set("rope_scaling", changed(yarn, "factor", 3.0)))
            .unlike("rope_scaling", yarn),
        Case.huggingFace(
                "llama with llama3 scaling as transformers 5 writes it",
                llama()
                    .without("rope_theta", "rope_scaling")
                    .set("rope_parameters", changed(llama3, "rope_theta", 5000.0)))
            .unlike("rope_parameters", changed(llama3, "rope_theta", 10000.0)));
  }

  private static Case scaled(String name, Map<String, Object> scaling) {
    return Case.huggingFace(name, llama().set("rope_scaling", scaling))
        .unlike("rope_scaling", null);
  }

  private static Stream<Case> windowCases() {
    RandomModel windowed = qwen2().set("use_sliding_window", true).set("max_window_layers", 1);
    List<String> types = List.of("sliding_attention", "full_attention", "sliding_attention");
    return Stream.of(
        Case.huggingFace("mistral with a window of 24", mistral().set("sliding_window", 24))
            .unlike("sliding_window", 23)
            .unlike("sliding_window", 25)
            .unlike("sliding_window", null),
        Case.huggingFace("mistral with a window of one block", mistral().set("sliding_window", 32))
            .unlike("sliding_window", 31)
            .unlike("sliding_window", 33),
        Case.huggingFace("mistral with a window of one", mistral().set("sliding_window", 1))
            .unlike("sliding_window", 2),
        Case.huggingFace("qwen2 with a window from its second layer on", windowed)
            .unlike("max_window_layers", 0)
            .unlike("max_window_layers", 2)
            .unlike("sliding_window", 25)
            .unlike("use_sliding_window", false),
        Case.huggingFace(
                "qwen2 with windows where layer_types says so",
                qwen2().set("use_sliding_window", true).set("layer_types", types))
            .unlike("layer_types", null)
            .unlike("use_sliding_window", false),
        Case.huggingFace(
                "qwen3 with a window from its third layer on",
                qwen3()
                    .set("use_sliding_window", true)
                    .set("sliding_window", 40)
                    .set("max_window_layers", 2))
            .unlike("max_window_layers", 1)
            .unlike("sliding_window", 39));
  }
}
