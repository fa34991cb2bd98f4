package io.fundamentallm.runtime.cpu.reference;

import static io.fundamentallm.runtime.cpu.reference.RandomModel.gemma2;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.gemma3;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.gptOss;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.granite;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.mixtral;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.olmo2;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.phi3;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.qwen2Moe;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.qwen3Moe;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.smollm3;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.starcoder2;
import static io.fundamentallm.runtime.cpu.reference.Scalings.scaling;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The families that came after Llama, in both kinds of files, with each of their rules. */
final class LaterCases {
  private static final Map<String, Object> LONG =
      scaling(
          "longrope",
          "short_factor",
          List.of(1.0, 1.1, 1.3),
          "long_factor",
          List.of(1.0, 2.5, 6.0));

  private LaterCases() {}

  static Stream<Case> all() {
    return Stream.concat(settings(), gguf());
  }

  /** Those that become graphs whose positions do not depend on the length of the sequence. */
  static Stream<Case> ofAnyLength() {
    return all().filter(judged -> !judged.name().contains("longrope"));
  }

  /** Half of a head turns, by other factors beyond a context of 40. */
  static RandomModel longPhi() {
    return phi3()
        .set("partial_rotary_factor", 0.5)
        .set("original_max_position_embeddings", 40)
        .set("rope_scaling", LONG);
  }

  /** As gpt-oss is published; products of blocks round their inputs, unless they are converted. */
  static Stream<Case> inBlocks() {
    return Stream.of(
        Microscaling.gptOss(
            "gpt_oss with experts in MXFP4",
            gptOss().set("hidden_size", 64).set("intermediate_size", 32)));
  }

  /** A file that says nothing means what its class assumes. */
  private static Case withoutScaling() {
    Map<String, Object> assumed =
        scaling(
            "yarn",
            "factor",
            32.0,
            "beta_fast",
            32.0,
            "beta_slow",
            1.0,
            "truncate",
            false,
            "original_max_position_embeddings",
            4096);
    HuggingFaceModel model = gptOss().set("rope_scaling", assumed).build();
    HuggingFaceModel silent = gptOss().without("rope_scaling").build();
    return new Case(
            "gpt_oss whose file says nothing of its scaling",
            model,
            List.of(),
            (m, into) -> HuggingFaceFiles.write(silent, Precision.F32, into))
        .unlike("rope_scaling", null);
  }

  private static Stream<Case> settings() {
    return Stream.of(
        Case.huggingFace("gemma2 with all of its rules", gemma2().set("query_pre_attn_scalar", 20))
            .unlike("attn_logit_softcapping", 3.0)
            .unlike("final_logit_softcapping", 4.0)
            .unlike("query_pre_attn_scalar", 12)
            .unlike("sliding_window", 25)
            .unlike("hidden_activation", "silu"),
        Case.huggingFace(
            "gemma2 without caps and with a list of its layers",
            gemma2()
                .set("attn_logit_softcapping", null)
                .set("final_logit_softcapping", null)
                .set(
                    "layer_types",
                    List.of("full_attention", "sliding_attention", "sliding_attention"))),
        Case.huggingFace("gemma3 with two rotary bases", gemma3())
            .unlike("rope_local_base_freq", 10_000.0)
            .unlike("rope_scaling", null)
            .unlike("rope_theta", 100.0)
            .unlike("sliding_window_pattern", 3),
        Case.huggingFace("phi3", phi3().set("sliding_window", 24)).unlike("sliding_window", null),
        Case.huggingFace("phi3 with longrope and half of its channels turning", longPhi())
            .unlike("original_max_position_embeddings", 160)
            .unlike("original_max_position_embeddings", 20),
        Case.huggingFace("smollm3 whose last layer has no positions", smollm3())
            .unlike("no_rope_layer_interval", 2)
            .unlike("no_rope_layers", List.of(1, 1, 1, 1)),
        Case.huggingFace(
            "smollm3 with a list of its layers and windows",
            smollm3()
                .set("no_rope_layers", List.of(1, 0, 1, 0))
                .set("use_sliding_window", true)
                .set("sliding_window", 24)),
        Case.huggingFace("olmo2 with norms after its layers", olmo2()),
        Case.huggingFace("granite with four multipliers", granite())
            .unlike("embedding_multiplier", 1.0)
            .unlike("attention_multiplier", 1.0)
            .unlike("residual_multiplier", 1.0)
            .unlike("logits_scaling", 1.0),
        Case.huggingFace("starcoder2", starcoder2().set("sliding_window", 24))
            .unlike("sliding_window", null)
            .unlike("norm_epsilon", 1e-2),
        Case.huggingFace("starcoder2 without biases", starcoder2().set("use_bias", false)),
        Case.huggingFace("mixtral with two of five experts", mixtral())
            .unlike("num_experts_per_tok", 1)
            .unlike("num_experts_per_tok", 3),
        Case.huggingFace("qwen2_moe with an expert for all tokens", qwen2Moe())
            .unlike("norm_topk_prob", true),
        Case.huggingFace("qwen3_moe with probabilities that sum to one", qwen3Moe())
            .unlike("norm_topk_prob", false),
        Case.huggingFace(
            "qwen3_moe whose second layer has no experts",
            qwen3Moe().set("mlp_only_layers", List.of(1))),
        Case.huggingFace(
            "qwen2_moe with experts in every second layer",
            qwen2Moe().set("decoder_sparse_step", 2)),
        Case.huggingFace("gpt_oss with experts of floats", Precision.BF16, gptOss())
            .unlike("swiglu_limit", 6.0)
            .unlike("sliding_window", 25)
            .unlike("num_experts_per_tok", 3),
        withoutScaling());
  }

  private static Stream<Case> gguf() {
    return Stream.of(
        Case.gguf("gemma2 in GGUF", Precision.F32, gemma2()),
        Case.gguf(
            "gemma3 in GGUF",
            Precision.F32,
            gemma3().set("rope_theta", 500.0).set("rope_local_base_freq", 10_000.0)),
        Case.gguf("phi3 in GGUF", Precision.F16, phi3()),
        Case.gguf("phi3 with longrope in GGUF", Precision.F32, longPhi()),
        Case.gguf("smollm3 in GGUF", Precision.F32, smollm3()),
        Case.gguf("olmo2 in GGUF", Precision.BF16, olmo2()),
        Case.gguf("granite in GGUF", Precision.F32, granite()),
        Case.gguf("starcoder2 in GGUF", Precision.F32, starcoder2()),
        Case.gguf("gpt_oss in GGUF", Precision.F32, gptOss())
            .unlike("swiglu_limit", 6.0)
            .unlike("sliding_window", 25)
            .unlike("num_experts_per_tok", 3),
        Case.gguf("mixtral in GGUF", Precision.F32, mixtral()),
        Case.gguf("qwen2_moe in GGUF", Precision.F32, qwen2Moe()),
        Case.gguf("qwen3_moe in GGUF", Precision.F32, qwen3Moe()));
  }
}
