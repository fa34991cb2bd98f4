package io.fundamentallm.runtime.cpu.reference;

import static io.fundamentallm.runtime.cpu.reference.RandomModel.gpt2;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.gptNeox;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.llama;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.qwen2;
import static io.fundamentallm.runtime.cpu.reference.RandomModel.qwen3;
import static io.fundamentallm.runtime.cpu.reference.Scalings.scaling;

import java.util.stream.Stream;

/** A model of every architecture in every kind of file. */
final class FormatCases {
  private FormatCases() {}

  static Stream<Case> all() {
    return Stream.concat(safetensorsCases(), ggufCases());
  }

  private static Stream<Case> safetensorsCases() {
    Stream<Case> special =
        Stream.of(
            Case.huggingFace("gpt2 in the files of the first release", gpt2().oldFiles()),
            Case.huggingFace("gpt_neox with masks and frequencies", gptNeox().oldFiles()),
            Case.huggingFace("llama with frequencies", llama().oldFiles()),
            Case.huggingFace("gpt2 with its tied head stored as well", gpt2().headTwice()),
            Case.huggingFace(
                "llama with its tied head stored as well",
                llama().set("tie_word_embeddings", true).headTwice()));
    return Stream.concat(special, safetensorsOfEveryPrecision());
  }

  private static Stream<Case> safetensorsOfEveryPrecision() {
    return Stream.of(Precision.F32, Precision.F16, Precision.BF16)
        .flatMap(
            precision ->
                Stream.of(
                    Case.huggingFace("gpt2 in safetensors of " + precision, precision, gpt2()),
                    Case.huggingFace(
                        "gpt_neox in safetensors of " + precision, precision, gptNeox()),
                    Case.huggingFace("llama in safetensors of " + precision, precision, llama()),
                    Case.sharded(
                        "qwen2 in three safetensors of " + precision, precision, 3, qwen2()),
                    Case.sharded(
                        "qwen3 in seven safetensors of " + precision, precision, 7, qwen3())));
  }

  private static Stream<Case> ggufCases() {
    Stream<Case> plain =
        Stream.of(Precision.F32, Precision.F16, Precision.BF16)
            .flatMap(
                precision ->
                    Stream.of(
                        Case.gguf("gpt2 in GGUF of " + precision, precision, gpt2()),
                        Case.gguf("gpt_neox in GGUF of " + precision, precision, gptNeox()),
                        Case.gguf("llama in GGUF of " + precision, precision, llama()),
                        Case.gguf("qwen2 in GGUF of " + precision, precision, qwen2()),
                        Case.gguf("qwen3 in GGUF of " + precision, precision, qwen3())));
    Stream<Case> special =
        Stream.of(
            Case.gguf(
                "gpt2 in GGUF with its tied head stored as well",
                Precision.F32,
                gpt2().headTwice()),
            Case.gguf("llama in GGUF of version 2", 2, Precision.F32, llama()),
            Case.gguf(
                "gpt_neox in GGUF with one residual after the other",
                Precision.F32,
                gptNeox().set("use_parallel_residual", false).set("rotary_pct", 1.0)),
            Case.gguf(
                "llama in GGUF with biases in attention",
                Precision.F32,
                llama().set("attention_bias", true)),
            Case.gguf(
                "llama in GGUF with tied embeddings and wide heads",
                Precision.F32,
                llama().set("tie_word_embeddings", true).set("head_dim", 20)),
            Case.gguf(
                "llama in GGUF with linear scaling",
                Precision.F32,
                llama().set("rope_scaling", scaling("linear", "factor", 4.0))),
            Case.gguf(
                "llama in GGUF with yarn scaling",
                Precision.F32,
                llama()
                    .set(
                        "rope_scaling",
                        scaling("yarn", "factor", 4.0, "original_max_position_embeddings", 40))),
            Case.gguf(
                "llama in GGUF with llama3 scaling",
                Precision.F32,
                llama().set("rope_scaling", Scalings.llama3())));
    return Stream.concat(plain, special);
  }
}
