package io.fundamentallm.training;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Training that starts from an existing model. Architecture and sizes are then the model's own,
 * regardless of the plan; the plan's {@code contextLength} is the length of the windows, at most as
 * many tokens as the model has positions. The tokenizer may have fewer tokens than the model, but
 * not more. The result keeps the settings of the model's files. Immutable.
 *
 * @apiNote For example:
 *     <pre>{@code
 * FineTuning adapters = FineTuning.of(Path.of("base")).withLora(FineTuning.Lora.ofRank(8));
 * TrainingPlan plan = TrainingPlan.builder(Path.of("adapter")).fineTuning(adapters).contextLength(256).build();
 * }</pre>
 *
 * @param model a model directory that the trainer's runtime loads and can train in every part; not
 *     the directory of the result. For adapters alone also a GGUF file
 * @param frozen tensors to freeze, by Hugging Face's name, with {@code *} standing for anything:
 *     {@code transformer.h.0.*}. They neither change nor decay, and they get no adapters. A name
 *     that matches no tensor is an error
 * @param lora low-rank adapters beside frozen weights; empty to train the weights themselves
 */
public record FineTuning(Path model, List<String> frozen, Optional<Lora> lora) {

  /**
   * Low-rank adaptation (Hu et al. 2021): a weight matrix W is frozen, and training fits {@code W +
   * alpha/rank · B·A}, with A [rank][inputs], initially random, and B [outputs][rank], initially
   * zero.
   *
   * @param rank r, at least 1
   * @param alpha above 0
   * @param targets which layers of the blocks, by how Hugging Face's name ends: {@code c_attn},
   *     {@code q_proj}, {@code mlp.c_proj}; empty for all linear ones
   * @param merged whether the result is a whole model with the adapters added to the weights;
   *     otherwise it is an adapter in PEFT's file layout
   * @param decomposed whether the length of each output's weights is trained apart from their
   *     direction (DoRA, Liu et al. 2024)
   * @param base how the frozen matrices of the blocks are held: {@code f32}, or quantised as the
   *     runtime quantises them, which takes a fraction of the memory (QLoRA, Dettmers et al. 2023):
   *     {@code int8} or {@code int4}; or {@code file}, as the model's files hold them: the blocks
   *     of a GGUF file, or floats of 16 bits. All but {@code f32} cannot be merged
   */
  public record Lora(
      int rank,
      double alpha,
      List<String> targets,
      boolean merged,
      boolean decomposed,
      String base) {
    private static final List<String> BASES = List.of("f32", "int8", "int4", "file");

    /** Adapters beside weights of 32 bits, not decomposed. */
    public Lora(int rank, double alpha, List<String> targets, boolean merged) {
      this(rank, alpha, targets, merged, false, "f32");
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException for a value out of range
     */
    public Lora {
      if (rank < 1) {
        throw new IllegalArgumentException("rank " + rank + " is not at least 1");
      }
      if (!(alpha > 0 && Double.isFinite(alpha))) {
        throw new IllegalArgumentException("alpha " + alpha + " is not above 0");
      }
      if (!BASES.contains(base)) {
        throw new IllegalArgumentException(
            "base \"" + base + "\" is unknown; expected one of " + BASES);
      }
      if (merged && !base.equals("f32")) {
        throw new IllegalArgumentException(
            "adapters over weights in "
                + base
                + " cannot be merged: the result is an adapter; expected base \"f32\" or merged"
                + " false");
      }
      targets = List.copyOf(targets);
    }

    /** The same, but {@link #decomposed()}. */
    public Lora withDecomposition() {
      return new Lora(rank, alpha, targets, merged, true, base);
    }

    /** The same over frozen weights that are held in another way, see {@link #base()}. */
    public Lora withBase(String format) {
      return new Lora(rank, alpha, targets, merged, decomposed, format);
    }

    /**
     * Adapters of this rank for all linear layers, with alpha twice the rank, not merged: the
     * result is an adapter to load beside its model, as the runtime option {@code adapter=DIR}
     * does.
     */
    public static Lora ofRank(int rank) {
      return new Lora(rank, 2.0 * rank, List.of(), false);
    }
  }

  /** Keeps its own copy of the list. */
  public FineTuning {
    requireNonNull(model, "model");
    frozen = List.copyOf(frozen);
    requireNonNull(lora, "lora");
  }

  /** Continues to train all weights of this model. */
  public static FineTuning of(Path model) {
    return new FineTuning(model, List.of(), Optional.empty());
  }

  /** With these {@link #frozen()} tensors. */
  public FineTuning withFrozen(String... names) {
    return new FineTuning(model, List.of(names), lora);
  }

  /** With adapters. */
  public FineTuning withLora(Lora adapters) {
    return new FineTuning(model, frozen, Optional.of(adapters));
  }
}
